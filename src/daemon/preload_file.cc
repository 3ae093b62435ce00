#include "daemon/preload_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>

#include "platform/os_error.h"
#include "platform/unique_fd.h"

asm(".pushsection .rodata\n"
    ".global airloom_preload_begin\n"
    ".global airloom_preload_end\n"
    "airloom_preload_begin:\n"
    ".incbin \"" AIRLOOM_PRELOAD_LIBRARY
    "\"\n"
    "airloom_preload_end:\n"
    ".popsection\n");
extern "C" const uint8_t airloom_preload_begin[];
extern "C" const uint8_t airloom_preload_end[];

namespace airloom::daemon {

Result<void> write_preload_library(const std::string& path) {
  const platform::UniqueFd file(
      TRY(platform::checked(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755),
                            "cannot create " + path)));
  const auto size = airloom_preload_end - airloom_preload_begin;
  if (::write(file.get(), airloom_preload_begin, static_cast<size_t>(size)) != size)
    return fail(Errc::kIo, "cannot write " + path);
  return {};
}

}  // namespace airloom::daemon
