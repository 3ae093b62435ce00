#include <cstdio>

#include "cli/verbs.h"

namespace airloom::cli {

int complain(const Error& error) {
  const char* text = error.text.empty() ? to_string(error.code) : error.text.c_str();
  std::fprintf(stderr, "airloom: %s\n", text);
  return 1;
}

}  // namespace airloom::cli
