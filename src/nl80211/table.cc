#include "nl80211/rows.h"

namespace airloom::nl80211 {

Table::Table() {
  for (const auto family :
       {interface_rows(),      wiphy_rows(),     key_rows(),   station_rows(), reg_rows(),
        settings_rows(),       survey_rows(),    rates_rows(), vendor_rows(),  scan_rows(),
        mlme_rows(),           connect_rows(),   ap_rows(),    frame_rows(),   control_port_rows(),
        channel_switch_rows(), dfs_rows(),       links_rows(), offload_rows(), tdls_rows(),
        traffic_rows(),        sched_scan_rows()})
    for (const Row& row : family) rows_[row.command] = &row;
  for (const KernelOperation& operation : kernel_operations()) {
    operations_[operation.on_bus.command] = &operation;
    on_bus_.push_back(operation.on_bus);
  }
}

}  // namespace airloom::nl80211
