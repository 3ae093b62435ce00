// From the operating system's errno to airloom's Error: the code, and "what: why" as text.
#pragma once

#include <string_view>

#include "base/result.h"

namespace airloom::platform {

/// The Error that stands for `number` (an errno), with "`what`: its words" as text.
Error os_error(int number, std::string_view what);

/// Turns the return value of a system call into a Result: errno is read when it is negative.
Result<int> checked(int returned, std::string_view what);

}  // namespace airloom::platform
