// The port behind the family: who makes and unmakes the radios of a host.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/mac_address.h"
#include "base/result.h"
#include "genl/family.h"
#include "hwsim/radio_spec.h"

namespace airloom::hwsimnl {

/// A radio as the family tells of it.
struct RadioInfo {
  uint32_t id = 0;   ///< counts up through the world, never used twice
  std::string name;  ///< of its wiphy, as it is now
  genl::NamespaceId ns = 0;
  const hwsim::RadioSpec* spec = nullptr;
};

class Radios {
 public:
  virtual ~Radios() = default;
  /// Makes a radio in a namespace of the host; its wiphy and interface are told of on the way.
  /// @param spec  whose traits pass hwsim::check().
  /// @error kExists  a radio has that address.
  virtual Result<RadioInfo> make_radio(const hwsim::RadioSpec& spec, genl::NamespaceId ns) = 0;
  /// Takes a radio away with its interfaces. Nothing happens if there is none.
  virtual void remove_radio(uint32_t id) = 0;
  /// The host's radios, by id.
  virtual std::vector<RadioInfo> radios() const = 0;
  /// Counts the changes of that list.
  virtual uint32_t radio_generation() const = 0;
};

}  // namespace airloom::hwsimnl
