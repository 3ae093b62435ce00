#include "cli/tunnel_security.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "platform/os_error.h"
#include "tunnel/capwap.h"

namespace airloom::cli {
namespace {

/// A key as a text file has it: without the end of the line.
Result<Octets> read_key(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected(platform::os_error(errno, path));
  Octets key{std::istreambuf_iterator<char>(file), {}};
  while (!key.empty() && (key.back() == '\n' || key.back() == '\r')) key.pop_back();
  if (key.empty()) return fail(Errc::kInvalid, path + " holds no key");
  return key;
}

/// The daemon is elsewhere.
std::string absolute(const std::string& path) {
  return std::filesystem::absolute(path).string();
}

constexpr const char* kLoopback = "127.0.0.1";
constexpr const char* kEverywhere = "[::]";  // of IPv4 too

}  // namespace

Result<platform::Endpoint> listen_address(const std::string& listen,
                                          const TunnelSecurity& security) {
  const bool is_open =
      security.key_file.empty() && security.certificate.empty() && !security.insecure;
  const std::string fallback = is_open ? kLoopback : kEverywhere;
  return platform::Endpoint::resolve(listen.empty() ? fallback : listen, tunnel::kControlPort);
}

Result<std::optional<platform::DtlsCredentials>> credentials_of(const TunnelSecurity& security,
                                                                const platform::Endpoint& address) {
  const bool any =
      !security.certificate.empty() || !security.private_key.empty() || !security.authority.empty();
  const bool all =
      !security.certificate.empty() && !security.private_key.empty() && !security.authority.empty();
  if (any && !all)
    return fail(Errc::kInvalid, "--certificate, --private-key and --authority go together");
  if (any + !security.key_file.empty() + security.insecure > 1)
    return fail(Errc::kInvalid, "--key, --certificate and --insecure exclude each other");
  if (all)
    return platform::DtlsCredentials{.key = {},
                                     .certificate = absolute(security.certificate),
                                     .private_key = absolute(security.private_key),
                                     .authority = absolute(security.authority)};
  if (!security.key_file.empty())
    return platform::DtlsCredentials{.key = TRY(read_key(security.key_file))};
  if (!security.insecure && !address.is_loopback())
    return fail(Errc::kPermission, address.to_string() +
                                       " is beyond this machine: give --key or --certificate, or, "
                                       "where everybody may listen and speak, --insecure");
  return std::nullopt;
}

}  // namespace airloom::cli
