#include <algorithm>

#include "nl80211/rows.h"

namespace airloom::nl80211 {

Table::Table() {
  for (const auto family : {interface_rows(), wiphy_rows(), key_rows(), station_rows(), reg_rows(),
                            settings_rows(), survey_rows(), rates_rows()})
    rows_.insert(rows_.end(), family.begin(), family.end());
  for (const KernelOperation& operation : kernel_operations()) on_bus_.push_back(operation.on_bus);
}

const Row* Table::find(uint8_t command) const {
  const auto at = std::find_if(rows_.begin(), rows_.end(),
                               [&](const Row& row) { return row.command == command; });
  return at == rows_.end() ? nullptr : &*at;
}

const KernelOperation* Table::operation(uint8_t command) const {
  for (const KernelOperation& operation : kernel_operations())
    if (operation.on_bus.command == command) return &operation;
  return nullptr;
}

}  // namespace airloom::nl80211
