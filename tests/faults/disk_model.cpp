#include "disk_model.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "faulty_system.h"

namespace swr::faulty {

namespace fs = std::filesystem;

constexpr int64_t sector = 512;

DiskModel::DiskModel(const std::string& folder) : root_(fs::absolute(folder).lexically_normal()) {
  load(root_);
  first_ = now_;
}

size_t DiskModel::load(const fs::path& path) {
  const size_t number = now_.size();
  now_.emplace_back();
  now_[number].facts = facts_of(path);
  if (!fs::is_directory(path)) {
    std::ifstream in(path, std::ios::binary);
    now_[number].bytes.assign(std::istreambuf_iterator<char>(in), {});
    return number;
  }
  now_[number].is_folder = true;
  for (const auto& entry : fs::directory_iterator(path)) {
    const size_t child = load(entry.path());
    now_[number].names[entry.path().filename().string()] = child;
  }
  return number;
}

DiskModel::Place DiskModel::place_of(const std::string& path) const {
  const fs::path full = fs::absolute(path).lexically_normal();
  const fs::path relative = full.lexically_relative(root_);
  Place place{0, "", false};
  if (relative.empty() || *relative.begin() == "..") return place;
  for (auto part = relative.begin(); part != relative.end(); ++part) {
    if (std::next(part) == relative.end()) {
      place.name = part->string();
      place.is_known = true;
      return place;
    }
    const auto found = now_[place.folder].names.find(part->string());
    if (found == now_[place.folder].names.end()) return place;
    place.folder = found->second;
  }
  return place;
}

size_t DiskModel::node_at(const Place& place) const {
  if (!place.is_known) return unknown;
  if (place.name == "." || place.name.empty()) return place.folder;
  const auto found = now_[place.folder].names.find(place.name);
  return found == now_[place.folder].names.end() ? unknown : found->second;
}

void DiskModel::apply(std::vector<Node>& nodes, const Step& step) {
  Node& node = nodes[step.node];
  switch (step.kind) {
    case Step::Kind::write:
      if (node.bytes.size() < static_cast<size_t>(step.offset) + step.data.size())
        node.bytes.resize(static_cast<size_t>(step.offset) + step.data.size());
      node.bytes.replace(static_cast<size_t>(step.offset), step.data.size(), step.data);
      return;
    case Step::Kind::resize: node.bytes.resize(static_cast<size_t>(step.offset)); return;
    case Step::Kind::sync: return;
    case Step::Kind::name: node.names[step.data] = step.named; return;
    case Step::Kind::rename: {
      const auto from = node.names.find(step.data);
      if (from != node.names.end() && from->second == step.named) node.names.erase(from);
      node.names[step.to] = step.named;
      return;
    }
    case Step::Kind::exchange:
      if (node.names.contains(step.data) && node.names.contains(step.to))
        std::swap(node.names[step.data], node.names[step.to]);
      return;
    case Step::Kind::remove: {
      const auto named = node.names.find(step.data);
      if (named != node.names.end() && named->second == step.named) node.names.erase(named);
      return;
    }
  }
}

void DiskModel::add(const Step& step) {
  steps_.push_back(step);
  apply(now_, step);
}

void DiskModel::open(system::Handle file, const std::string& path, bool is_unnamed,
                     const system::Facts& facts) {
  const Place place = place_of(path);
  if (!place.is_known) return;
  size_t node = is_unnamed ? unknown : node_at(place);
  if (node == unknown) {
    node = now_.size();
    now_.emplace_back();
    now_[node].facts = facts;
    if (!is_unnamed)
      add({.kind = Step::Kind::name, .node = place.folder, .data = place.name, .named = node});
  }
  open_[file] = node;
}

void DiskModel::duplicate(system::Handle file, system::Handle second) {
  const auto found = open_.find(file);
  if (found != open_.end()) open_[second] = found->second;
}

void DiskModel::close(system::Handle file) {
  open_.erase(file);
}

void DiskModel::write(system::Handle file, int64_t offset, std::string_view data) {
  const auto found = open_.find(file);
  if (found != open_.end())
    add({.kind = Step::Kind::write,
         .node = found->second,
         .offset = offset,
         .data = std::string(data)});
}

void DiskModel::resize(system::Handle file, int64_t size) {
  const auto found = open_.find(file);
  if (found != open_.end())
    add({.kind = Step::Kind::resize, .node = found->second, .offset = size});
}

void DiskModel::sync(system::Handle file) {
  const auto found = open_.find(file);
  if (found != open_.end()) add({.kind = Step::Kind::sync, .node = found->second});
}

void DiskModel::rename(const std::string& from, const std::string& to) {
  const Place old_place = place_of(from), new_place = place_of(to);
  const size_t node = node_at(old_place);
  // rename() does nothing for two names of the same file.
  if (node == unknown || !new_place.is_known || node == node_at(new_place)) return;
  if (old_place.folder != new_place.folder) {
    // Each folder is flushed by itself.
    add({.kind = Step::Kind::name,
         .node = new_place.folder,
         .data = new_place.name,
         .named = node});
    remove(from);
    return;
  }
  add({.kind = Step::Kind::rename,
       .node = old_place.folder,
       .data = old_place.name,
       .to = new_place.name,
       .named = node});
}

void DiskModel::exchange(const std::string& one, const std::string& other) {
  const Place place = place_of(one), other_place = place_of(other);
  if (!place.is_known || !other_place.is_known || place.folder != other_place.folder) return;
  add({.kind = Step::Kind::exchange,
       .node = place.folder,
       .data = place.name,
       .to = other_place.name});
}

void DiskModel::link(const std::string& from, const std::string& to) {
  const Place place = place_of(to);
  const size_t node = node_at(place_of(from));
  if (node != unknown && place.is_known)
    add({.kind = Step::Kind::name, .node = place.folder, .data = place.name, .named = node});
}

void DiskModel::link_open(system::Handle file, const std::string& to) {
  const Place place = place_of(to);
  const auto found = open_.find(file);
  if (found != open_.end() && place.is_known)
    add({.kind = Step::Kind::name,
         .node = place.folder,
         .data = place.name,
         .named = found->second});
}

void DiskModel::remove(const std::string& path) {
  const Place place = place_of(path);
  const size_t node = node_at(place);
  if (node != unknown)
    add({.kind = Step::Kind::remove, .node = place.folder, .data = place.name, .named = node});
}

void DiskModel::make_folder(const std::string& path) {
  const Place place = place_of(path);
  if (!place.is_known) return;
  const size_t node = now_.size();
  now_.emplace_back();
  now_[node].is_folder = true;
  now_[node].facts = facts_of(path);
  add({.kind = Step::Kind::name, .node = place.folder, .data = place.name, .named = node});
}

bool DiskModel::is_flushed(size_t at, size_t end) const {
  return std::any_of(steps_.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                     steps_.begin() + static_cast<std::ptrdiff_t>(end), [&](const Step& step) {
                       return step.kind == Step::Kind::sync && step.node == steps_[at].node;
                     });
}

bool DiskModel::leave(int64_t step, const std::function<bool()>& chance, const std::string& into) {
  std::vector<Node> nodes = first_;
  for (size_t i = first_.size(); i < now_.size(); ++i) {
    nodes.emplace_back();
    nodes.back().is_folder = now_[i].is_folder;
    nodes.back().facts = now_[i].facts;
  }
  const auto end = static_cast<size_t>(step);
  for (size_t i = 0; i < end; ++i) {
    const Step& each = steps_[i];
    const bool flushed = is_flushed(i, end);
    if (each.kind != Step::Kind::write) {
      if (flushed || chance()) apply(nodes, each);
      continue;
    }
    const int64_t write_end = each.offset + static_cast<int64_t>(each.data.size());
    for (int64_t at = each.offset, next; at < write_end; at = next) {
      next = std::min(write_end, (at / sector + 1) * sector);
      if (!flushed && !chance()) continue;
      apply(nodes, {.kind = Step::Kind::write,
                    .node = each.node,
                    .offset = at,
                    .data = each.data.substr(static_cast<size_t>(at - each.offset),
                                             static_cast<size_t>(next - at))});
    }
  }
  std::string left = step == steps() ? "complete" : "";
  describe(nodes, 0, left);
  if (!left_.insert(std::hash<std::string>()(left)).second) return false;
  fs::remove_all(into);
  save(nodes, 0, into);
  return true;
}

void DiskModel::describe(const std::vector<Node>& nodes, size_t node, std::string& text) {
  text += std::to_string(node) + ' ' + std::to_string(nodes[node].bytes.size()) + ' ';
  text += nodes[node].bytes;
  for (const auto& [name, child] : nodes[node].names) {
    text += name + '/';
    describe(nodes, child, text);
  }
  text += '.';
}

void DiskModel::save(const std::vector<Node>& nodes, size_t node, const fs::path& path) {
  if (!nodes[node].is_folder) {
    std::ofstream(path, std::ios::binary) << nodes[node].bytes;
    stand_for(path, nodes[node].facts);
    return;
  }
  fs::create_directories(path);
  if (nodes[node].facts.inode != 0) stand_for(path, nodes[node].facts);
  for (const auto& [name, child] : nodes[node].names) save(nodes, child, path / name);
}

}  // namespace swr::faulty
