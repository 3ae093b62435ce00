// Prints the table of nl80211's commands in docs/conformance.md, from the tables of the server.
#include <cstdio>
#include <map>
#include <string>

#include "nl80211/rows.h"

namespace {

using namespace airloom::nl80211;

std::string driven_by(const char* scenario, const char* never_because = nullptr) {
  if (never_because != nullptr) return "never: " + std::string(never_because);
  return scenario ? "`" + std::string(scenario) + "`" : "not yet";
}

std::string direction(const airloom::genl::Operation& operation) {
  if (!operation.can_dump) return "request";
  return operation.can_do ? "request, dump" : "dump";
}

/// Lines by command number.
std::map<unsigned, std::string> lines() {
  const Table table;
  std::map<unsigned, std::string> lines;
  const auto add = [&](unsigned command, const char* name, const std::string& kind,
                       const std::string& airloom, const std::string& driver) {
    lines[command] =
        std::string("| ") + name + " | " + kind + " | " + airloom + " | " + driver + " |";
  };
  for (const KernelOperation& operation : kernel_operations()) {
    const uint8_t command = operation.on_bus.command;
    add(command, operation.name, direction(operation.on_bus),
        table.find(command) ? "served" : "refused", driven_by(operation.scenario));
  }
  for (const KernelMessage& message : kernel_messages())
    add(message.command, message.name, message.is_served ? "message" : "refused by the kernel",
        message.is_served ? "" : "refused", driven_by(message.scenario, message.never_because));
  return lines;
}

}  // namespace

int main() {
  std::puts("| NL80211_CMD_ | in the kernel | here | driven by |\n|---|---|---|---|");
  for (const auto& [command, line] : lines()) std::puts(line.c_str());
}
