// Lab files: any text gives a lab, or a sentence that names the file.
#include <string_view>

#include "lab/lab_file.h"
#include "law.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using airloom::fuzz::expect;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto lab = airloom::lab::LabFile::parse(text, "lab.toml");
  if (!lab) {
    expect(lab.error().text.starts_with("lab.toml"), "the error names the file");
    return 0;
  }
  for (const auto& host : lab->hosts)
    expect(airloom::lab::is_host_name(host.name), "every host has a name that can be one");
  return 0;
}
