// What `airloom status --json` shows: hosts, radios, interfaces, programs, and the air's counts.
#pragma once

#include <string>

namespace airloom::daemon {

class Server;

/// A JSON object; the command line turns it into text.
std::string status_report(Server& server);

}  // namespace airloom::daemon
