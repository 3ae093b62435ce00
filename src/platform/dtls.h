// DTLS 1.2 over datagrams that somebody else sends and receives: a pre-shared key or certificates
// on both sides. A server answers a first message without keeping anything of it, so that strangers
// cost it little. [RFC 6347] [RFC 4279] [RFC 5489]
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "bytes/writer.h"

struct bio_st;
struct ssl_ctx_st;
struct ssl_st;

namespace airloom::platform {

enum class DtlsRole : uint8_t { kClient, kServer };

/// Either a key, or the paths of three PEM files: our certificate, its private key, and that of the
/// authority which the peer's certificate must be of.
struct DtlsCredentials {
  Octets key;  ///< 16 to 256 octets
  std::string certificate, private_key, authority;
};

class DtlsAssociation;

/// What associations of one end share.
class DtlsContext {
 public:
  /// @error kInvalid  a credential cannot be used: the text says which and why.
  static Result<std::unique_ptr<DtlsContext>> create(DtlsRole role,
                                                     const DtlsCredentials& credentials);
  ~DtlsContext();

  using Send = std::function<void(std::span<const uint8_t>)>;

  /// Server: a first message of a client. One that does not prove that it receives what is sent to
  /// its address is answered by the demand to, and forgotten.
  /// @param client  its address, in whatever form
  /// @param send  for the answer, and later the association's
  /// @return null: nothing to be kept.
  std::unique_ptr<DtlsAssociation> accept(std::span<const uint8_t> client,
                                          std::span<const uint8_t> datagram, size_t datagram_max,
                                          Send send);
  /// Client: begins; poke() sends the first message.
  std::unique_ptr<DtlsAssociation> connect(size_t datagram_max, Send send);

 private:
  friend class DtlsAssociation;
  friend struct DtlsCallbacks;
  DtlsContext();

  struct ContextFree {
    void operator()(ssl_ctx_st* context) const;
  };
  std::unique_ptr<ssl_ctx_st, ContextFree> context_;
  DtlsRole role_ = DtlsRole::kClient;
  Octets key_;
  std::array<uint8_t, 32> cookie_secret_{};
  std::span<const uint8_t> client_;             // while accept() runs
  std::unique_ptr<DtlsAssociation> listening_;  // whose it will be is not known yet
};

class DtlsAssociation {
 public:
  ~DtlsAssociation();
  DtlsAssociation(const DtlsAssociation&) = delete;
  DtlsAssociation& operator=(const DtlsAssociation&) = delete;

  enum class State : uint8_t { kHandshake, kSecured, kBroken };
  State state() const { return state_; }
  /// Why it broke.
  const std::string& failure() const { return failure_; }

  /// Takes a datagram and calls `visit` with what it brought, if anything. After it, the state and
  /// the timeout may be others.
  /// @return false: it brought nothing: forged, repeated, or noise.
  bool receive(std::span<const uint8_t> datagram,
               const std::function<void(std::span<const uint8_t>)>& visit);
  /// Sends octets, if secured. @return false: not
  bool send(std::span<const uint8_t> octets);
  /// Says farewell, if secured.
  void close();

  /// How long from now poke() is due, if the peer is silent; none: never.
  std::optional<Duration> timeout() const;
  /// Sends the handshake's message, or sends it again.
  void poke();

 private:
  friend class DtlsContext;
  friend struct DtlsCallbacks;
  DtlsAssociation(DtlsContext& context, size_t datagram_max, DtlsContext::Send send);

  void handshake();
  void fail(std::string why);

  struct SslFree {
    void operator()(ssl_st* ssl) const;
  };
  DtlsContext::Send send_;
  std::unique_ptr<ssl_st, SslFree> ssl_;
  State state_ = State::kHandshake;
  bool begun_ = false;
  std::string failure_;
  std::span<const uint8_t> input_;  // while receive() runs, until it is read
};

}  // namespace airloom::platform
