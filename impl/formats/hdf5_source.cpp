#include "formats/hdf5_source.h"

#include <algorithm>
#include <set>

#include "formats/hdf5_tree.h"
#include "formats/header_text.h"

namespace swr {
namespace {

// The total of what is kept in memory to be written again.
constexpr int64_t most_other_bytes = int64_t{16} << 20;

// Sorts what is in a file.
class Sorter {
 public:
  Sorter(const Hdf5File& file, const Hdf5Source& source) : file_(file), source_(source) {
    const std::string parent = hdf5_parent(source.dataset);
    known_.insert(source.dataset);
    if (!source.is_itk()) return;
    for (const char* name : {"Dimension", "Origin", "Spacing", "Directions", "VoxelType"})
      known_.insert(hdf5_child(parent, name));
    entries_ = parent + "/MetaData";
  }

  Hdf5Others sort() {
    const Hdf5Tree tree = hdf5_tree(file_);
    for (const Hdf5Object& object : tree.objects) {
      if (!known_.contains(object.path)) take(object);
    }
    take_attributes(source_.dataset, open_hdf5_dataset(file_, source_.dataset));
    take_attributes("/", open_hdf5_group(file_, "/"));
    if (!tree.is_complete) others_.foreign.emplace_back("more objects than swr looks at");
    return std::move(others_);
  }

 private:
  const Hdf5File& file_;
  const Hdf5Source& source_;
  std::set<std::string> known_;
  std::string entries_;  // the group of metadata
  Hdf5Others others_;
  int64_t bytes_ = 0;

  void take(const Hdf5Object& object) {
    switch (object.kind) {
      case Hdf5Object::Kind::group:
        others_.groups.push_back(object.path);
        take_attributes(object.path, open_hdf5_group(file_, object.path));
        break;
      case Hdf5Object::Kind::dataset: take_dataset(object.path); break;
      case Hdf5Object::Kind::elsewhere:
        others_.foreign.push_back("the dataset " + object.path);
        break;
      case Hdf5Object::Kind::type: others_.foreign.push_back("the type " + object.path); break;
      case Hdf5Object::Kind::link: others_.foreign.push_back("the link " + object.path); break;
    }
  }

  bool is_entry(const std::string& path) const {
    return !entries_.empty() && hdf5_parent(path) == entries_ &&
           source_.entry(path.substr(entries_.size() + 1));
  }

  // What the writer writes itself.
  bool is_own_note(const std::string& path, const std::string& name) const {
    return path == source_.dataset && (name == hdf5_kind_key || source_.note(name));
  }

  // Attributes of a plain dataset are metadata.
  bool is_plain_entry(const std::string& path, const std::string& name) const {
    return !source_.is_itk() && path == source_.dataset && source_.entry(name);
  }

  void take_dataset(const std::string& path) {
    if (is_entry(path)) return;
    const Hdf5Id dataset = open_hdf5_dataset(file_, path);
    auto value = dataset ? read_hdf5_dataset(file_, dataset.get()) : std::nullopt;
    if (value) bytes_ += std::ssize(value->bytes);
    if (value && bytes_ <= most_other_bytes) {
      others_.datasets.emplace_back(path, std::move(*value));
    } else {
      others_.foreign.push_back("the dataset " + path);
    }
  }

  void leave_attribute(const std::string& path, const std::string& name) {
    others_.foreign.push_back("the attribute " + name + " of " + path);
  }

  void take_attributes(const std::string& path, const Hdf5Id& object) {
    if (!object) return;
    for (const std::string& name : hdf5_attribute_names(file_, object.get())) {
      if (is_own_note(path, name) || is_plain_entry(path, name)) continue;
      const Hdf5Id attribute =
          file_.valid(H5Aopen(object.get(), name.c_str(), H5P_DEFAULT), H5Aclose, "damaged");
      if (auto value = read_hdf5_attribute(file_, attribute.get())) {
        others_.attributes.push_back({path, {name, std::move(*value)}});
      } else {
        leave_attribute(path, name);
      }
    }
  }
};

}  // namespace

bool is_itk_path(const std::string& dataset) {
  constexpr std::string_view begin = "/ITKImage/", end = "/VoxelData";
  if (!dataset.starts_with(begin) || !dataset.ends_with(end) ||
      dataset.size() <= begin.size() + end.size())
    return false;
  const auto number = dataset.substr(begin.size(), dataset.size() - begin.size() - end.size());
  return number.find_first_not_of("0123456789") == number.npos;
}

bool is_hdf5_note(std::string_view name) {
  return name == hdf5_kind_key || name == hdf5_spacing_key || name == hdf5_origin_key ||
         name == hdf5_direction_key || name == hdf5_element_size_key || name == start_index_key ||
         is_reserved_key(name);
}

namespace {

const Hdf5Value* find(const Hdf5Values& values, std::string_view name) {
  const auto found =
      std::ranges::find_if(values, [&](const auto& value) { return value.first == name; });
  return found == values.end() ? nullptr : &found->second;
}

}  // namespace

const Hdf5Value* Hdf5Source::entry(std::string_view name) const {
  return find(entries, name);
}

const Hdf5Value* Hdf5Source::note(std::string_view name) const {
  return find(notes, name);
}

Hdf5Others Hdf5Source::others() const {
  const Hdf5Calls calls;
  Hdf5FileBytes bytes(file_);
  const Hdf5File file = Hdf5File::open(file_->path(), bytes);
  return file.complete([&] { return Sorter(file, *this).sort(); });
}

std::string Hdf5Source::first_bytes(size_t count) const {
  std::string bytes(count, '\0');
  const auto read = file_->read_some(0, std::as_writable_bytes(std::span(bytes)));
  bytes.resize(static_cast<size_t>(read));
  return bytes;
}

std::vector<std::string> Hdf5Source::own_fields() const {
  const Hdf5Others others = this->others();
  std::vector<std::string> fields = others.foreign;
  for (const auto& [path, value] : others.datasets) {
    if (path != "/ITKVersion" && path != "/HDFVersion") fields.push_back("the dataset " + path);
  }
  for (const auto& [path, attribute] : others.attributes)
    fields.push_back("the attribute " + attribute.first + " of " + path);
  return fields;
}

}  // namespace swr
