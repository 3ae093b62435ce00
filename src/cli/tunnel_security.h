// How a tunnel's two ends are to know each other, as the command line says it.
#pragma once

#include <optional>

#include "cli/verbs.h"
#include "platform/dtls.h"
#include "platform/udp_socket.h"

namespace airloom::cli {

/// Where to wait for a peer: as it is written, or by default at loopback, and everywhere if only
/// those who may can join, or anybody may.
Result<platform::Endpoint> listen_address(const std::string& listen,
                                          const TunnelSecurity& security);

/// What to secure the tunnel with; nothing: it goes in the clear.
/// @param address  of the peer, or where one is waited for
/// @error  options that do not go together, a file that cannot be used, or an address beyond this
///         machine without security.
Result<std::optional<platform::DtlsCredentials>> credentials_of(const TunnelSecurity& security,
                                                                const platform::Endpoint& address);

}  // namespace airloom::cli
