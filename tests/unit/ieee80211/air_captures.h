// Reads the classic pcap files of tests/vectors/linux-6.1/air.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "bytes/reader.h"
#include "bytes/writer.h"

namespace airloom {

inline Octets read_vector_file(const std::string& name) {
  std::ifstream file(std::string(AIRLOOM_VECTORS) + "/" + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The packets of a little-endian pcap file, radiotap header and frame each.
inline std::vector<Octets> read_air(const std::string& name) {
  const Octets file = read_vector_file("linux-6.1/air/" + name);
  std::vector<Octets> packets;
  Reader reader(file);
  EXPECT_TRUE(reader.skip(24));
  while (reader.skip(8)) {
    const auto captured = reader.le32();
    if (!captured || !reader.skip(4)) break;
    const auto octets = reader.take(*captured);
    if (!octets) break;
    packets.emplace_back(octets->begin(), octets->end());
  }
  EXPECT_TRUE(reader.at_end());
  return packets;
}

template <typename T>
Octets emitted(const T& value) {
  Octets octets;
  Writer writer(octets);
  value.emit(writer);
  return octets;
}

}  // namespace airloom
