#include "formats/hdf5_tree.h"

#include "base/error.h"
#include "formats/hdf5_messages.h"

namespace swr {
namespace {

constexpr int most_depth = 64;

struct Link {
  std::string name;
  int64_t made = 0;
  bool is_hard = false;
};

std::vector<Link> links_of(const Hdf5File& file, hid_t group) {
  const auto take = [](hid_t, const char* name, const H5L_info_t* info, void* data) noexcept {
    return static_cast<Hdf5List<Link>*>(data)->add(
        name, info->corder_valid ? info->corder : int64_t{-1}, info->type == H5L_TYPE_HARD);
  };
  return hdf5_items<Link>(file, "a group is damaged", [&](void* links) {
    return H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, take, links);
  });
}

class Walk {
 public:
  Walk(const Hdf5File& file, size_t most) : file_(file), most_(most) {}

  void enter(hid_t group, const std::string& path, int depth) {
    for (const Link& link : links_of(file_, group)) {
      if (tree.objects.size() >= most_ || depth > most_depth) {
        tree.is_complete = false;
        return;
      }
      take(group, link, hdf5_child(path, link.name), depth);
    }
  }

  Hdf5Tree tree;

 private:
  const Hdf5File& file_;
  const size_t most_;

  void take(hid_t group, const Link& link, const std::string& path, int depth) {
    if (!link.is_hard) {
      tree.objects.push_back({path, Hdf5Object::Kind::link});
      return;
    }
    const std::string damaged = "an object is damaged: " + path;
    const auto address = hdf5_address(group, link.name, H5P_DEFAULT);
    if (!address) file_.refuse(damaged);
    if (!hdf5_elsewhere(file_, *address).empty()) {
      tree.objects.push_back({path, Hdf5Object::Kind::elsewhere});
      return;
    }
    const Hdf5Id object =
        file_.valid(H5Oopen(group, link.name.c_str(), H5P_DEFAULT), H5Oclose, damaged);
    const H5I_type_t type = H5Iget_type(object.get());
    tree.objects.push_back({path, type == H5I_GROUP     ? Hdf5Object::Kind::group
                                  : type == H5I_DATASET ? Hdf5Object::Kind::dataset
                                                        : Hdf5Object::Kind::type});
    if (type == H5I_GROUP) enter(object.get(), path, depth + 1);
  }
};

// Opens what `path` leads to; an empty result if a name is missing, or leads out of the file.
Hdf5Id open_object(const Hdf5File& file, const std::string& path, H5I_type_t kind) {
  const Hdf5Id access = hdf5_link_access(H5P_LINK_ACCESS);
  for (size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (part.empty() || H5Lexists(file.id(), part.c_str(), access.get()) <= 0) return {};
    if (end == path.npos) break;
  }
  const auto address = hdf5_address(file.id(), path, access.get());
  if (!address) return {};
  check_hdf5_here(file, address, path);
  Hdf5Id object(H5Oopen(file.id(), path.c_str(), access.get()), H5Oclose);
  if (!object || H5Iget_type(object.get()) != kind) return {};
  return object;
}

}  // namespace

Hdf5Tree hdf5_tree(const Hdf5File& file, size_t most) {
  Walk walk(file, most);
  check_hdf5_here(file, hdf5_address(file.id(), "/", H5P_DEFAULT), "/");
  const Hdf5Id root =
      file.valid(H5Gopen2(file.id(), "/", H5P_DEFAULT), H5Gclose, "the first group is damaged");
  walk.enter(root.get(), "", 0);
  return std::move(walk.tree);
}

std::vector<std::string> hdf5_link_names(const Hdf5File& file, hid_t group) {
  std::vector<std::string> names;
  for (Link& link : links_of(file, group)) {
    if (link.is_hard) names.push_back(std::move(link.name));
  }
  return names;
}

Hdf5Id open_hdf5_dataset(const Hdf5File& file, const std::string& path) {
  return open_object(file, path, H5I_DATASET);
}

Hdf5Id open_hdf5_group(const Hdf5File& file, const std::string& path) {
  return open_object(file, path, H5I_GROUP);
}

std::string hdf5_path(const std::string& text) {
  std::string path;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('/', begin), text.size());
    const std::string name = text.substr(begin, end - begin);
    if (name == "." || name == "..")
      fail(SWR_ERROR_ARGUMENT, "the dataset \"", text, "\" has the name \"", name,
           "\" in its path");
    if (!name.empty()) path += "/" + name;
    begin = end + 1;
  }
  if (path.empty()) fail(SWR_ERROR_ARGUMENT, "\"", text, "\" is no path of a dataset");
  return path;
}

std::string hdf5_parent(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

std::string hdf5_child(const std::string& parent, const std::string& name) {
  return parent + "/" + name;
}

haddr_t hdf5_object_header(const Hdf5File& file, hid_t object) {
  constexpr const char* damaged = "the header of an object is damaged";
#if H5_VERSION_GE(1, 12, 0)
  H5O_info1_t info{};
  file.check(H5Oget_info1(object, &info), damaged);
#else
  H5O_info_t info{};
  file.check(H5Oget_info(object, &info), damaged);
#endif
  return info.addr;
}

}  // namespace swr
