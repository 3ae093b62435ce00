// Reads a vector file of tests/vectors: blocks of "key = value" lines, apart by empty lines; a
// value is hex octets or "text"; # opens a comment line.
#pragma once

#include <cstdint>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace airloom::test {

using Octets = std::vector<uint8_t>;

class Vector {
 public:
  std::string name() const { return text("name"); }
  bool has(const std::string& key) const { return values_.contains(key); }
  std::string text(const std::string& key) const {
    const std::string& raw = values_.at(key);
    return raw.size() >= 2 && raw.front() == '"' ? raw.substr(1, raw.size() - 2) : raw;
  }
  Octets octets(const std::string& key) const {
    const std::string& raw = values_.at(key);
    if (!raw.empty() && raw.front() == '"') {
      const std::string plain = text(key);
      return {plain.begin(), plain.end()};
    }
    Octets out;
    for (size_t i = 0; i + 1 < raw.size(); i += 2)
      out.push_back(static_cast<uint8_t>(std::stoi(raw.substr(i, 2), nullptr, 16)));
    return out;
  }
  void set(const std::string& key, const std::string& value) { values_[key] = value; }
  bool empty() const { return values_.empty(); }

 private:
  std::map<std::string, std::string> values_;
};

/// The blocks of AIRLOOM_VECTORS/`path`, in order; a missing file throws, and the test fails.
inline std::vector<Vector> read_vectors(const std::string& path) {
  std::ifstream file(std::string(AIRLOOM_VECTORS) + "/" + path);
  if (!file) throw std::runtime_error("no vector file " + path);
  std::vector<Vector> vectors(1);
  for (std::string line; std::getline(file, line);) {
    if (line.empty()) {
      if (!vectors.back().empty()) vectors.emplace_back();
    } else if (line.front() != '#') {
      const size_t equals = line.find('=');
      const size_t value = line.find_first_not_of(' ', equals + 1);
      vectors.back().set(line.substr(0, line.find(' ')),
                         value == std::string::npos ? "" : line.substr(value));
    }
  }
  if (vectors.back().empty()) vectors.pop_back();
  return vectors;
}

/// The block called `name`.
inline Vector find_vector(const std::vector<Vector>& vectors, const std::string& name) {
  for (const Vector& vector : vectors)
    if (vector.name() == name) return vector;
  throw std::runtime_error("no vector " + name);
}

}  // namespace airloom::test
