// What the family's requests may hold, and its commands as the bus needs to know them.
#pragma once

#include <span>

#include "genl/family.h"

namespace airloom::hwsimnl {

std::span<const genl::Operation> operations();

}  // namespace airloom::hwsimnl
