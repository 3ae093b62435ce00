#include "platform/dtls.h"

#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/ssl.h>
#include <sys/time.h>

#include <algorithm>
#include <cstring>

#include "platform/system_rng.h"

namespace airloom::platform {
namespace {

constexpr const char* kIdentity = "airloom";
constexpr size_t kKeyMin = 16, kKeyMax = 256;
constexpr size_t kRecordMax = 16384;
// Ephemeral keys in any case: who learns the key later does not read what was said before.
constexpr const char* kKeyCiphers =
    "DHE-PSK-AES128-GCM-SHA256:DHE-PSK-AES256-GCM-SHA384:ECDHE-PSK-CHACHA20-POLY1305";
constexpr const char* kCertificateCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384";

std::string last_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code ? ERR_reason_error_string(code) : nullptr;
  return reason ? reason : "no reason given";
}

}  // namespace

/// What OpenSSL calls.
struct DtlsCallbacks {
  static DtlsContext& context_of(const SSL* ssl) {
    return *static_cast<DtlsContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  }
  static DtlsAssociation& association_of(BIO* bio) {
    return *static_cast<DtlsAssociation*>(BIO_get_data(bio));
  }

  static unsigned client_key(SSL* ssl, const char*, char* identity, unsigned identity_max,
                             unsigned char* key, unsigned key_max) {
    const Octets& ours = context_of(ssl).key_;
    if (identity_max <= std::strlen(kIdentity) || key_max < ours.size()) return 0;
    std::strcpy(identity, kIdentity);  // NOLINT: measured above
    std::ranges::copy(ours, key);
    return static_cast<unsigned>(ours.size());
  }
  static unsigned server_key(SSL* ssl, const char* identity, unsigned char* key, unsigned key_max) {
    const Octets& ours = context_of(ssl).key_;
    if (std::strcmp(identity, kIdentity) != 0 || key_max < ours.size()) return 0;
    std::ranges::copy(ours, key);
    return static_cast<unsigned>(ours.size());
  }

  /// A client's cookie: its address under a secret of ours. [RFC 6347 4.2.1]
  static int make_cookie(SSL* ssl, unsigned char* cookie, unsigned* length) {
    const DtlsContext& context = context_of(ssl);
    return HMAC(EVP_sha256(), context.cookie_secret_.data(),
                static_cast<int>(context.cookie_secret_.size()), context.client_.data(),
                context.client_.size(), cookie, length) != nullptr;
  }
  static int check_cookie(SSL* ssl, const unsigned char* cookie, unsigned length) {
    unsigned char ours[EVP_MAX_MD_SIZE];
    unsigned ours_length = 0;
    return make_cookie(ssl, ours, &ours_length) && length == ours_length &&
           CRYPTO_memcmp(ours, cookie, length) == 0;
  }

  // A BIO that is a datagram in and a function out.
  static int read(BIO* bio, char* out, int room) {
    DtlsAssociation& association = association_of(bio);
    BIO_clear_retry_flags(bio);
    const auto input = std::exchange(association.input_, {});
    if (input.empty()) {
      BIO_set_retry_read(bio);
      return -1;
    }
    const size_t length = std::min(input.size(), static_cast<size_t>(room));
    std::memcpy(out, input.data(), length);
    return static_cast<int>(length);
  }
  static int write(BIO* bio, const char* octets, int length) {
    const auto* first = static_cast<const uint8_t*>(static_cast<const void*>(octets));
    association_of(bio).send_({first, static_cast<size_t>(length)});
    return length;
  }
  static long control(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT;
  }
  static int create(BIO* bio) {
    BIO_set_init(bio, 1);
    return 1;
  }

  static BIO_METHOD* method() {
    static const std::unique_ptr<BIO_METHOD, void (*)(BIO_METHOD*)> kMethod(
        [] {
          BIO_METHOD* made =
              BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "airloom datagrams");
          BIO_meth_set_read(made, read);
          BIO_meth_set_write(made, write);
          BIO_meth_set_ctrl(made, control);
          BIO_meth_set_create(made, create);
          return made;
        }(),
        BIO_meth_free);
    return kMethod.get();
  }
};

void DtlsContext::ContextFree::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

void DtlsAssociation::SslFree::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

DtlsContext::DtlsContext() = default;

DtlsContext::~DtlsContext() {
  listening_.reset();
  OPENSSL_cleanse(key_.data(), key_.size());
}

namespace {

Result<void> use_certificates(SSL_CTX* context, const DtlsCredentials& credentials) {
  const auto refused = [](const std::string& path) {
    return airloom::fail(Errc::kInvalid, path + ": " + last_error());
  };
  if (SSL_CTX_use_certificate_chain_file(context, credentials.certificate.c_str()) != 1)
    return refused(credentials.certificate);
  if (SSL_CTX_use_PrivateKey_file(context, credentials.private_key.c_str(), SSL_FILETYPE_PEM) != 1)
    return refused(credentials.private_key);
  if (SSL_CTX_load_verify_file(context, credentials.authority.c_str()) != 1)
    return refused(credentials.authority);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cipher_list(context, kCertificateCiphers);
  return {};
}

}  // namespace

Result<std::unique_ptr<DtlsContext>> DtlsContext::create(DtlsRole role,
                                                         const DtlsCredentials& credentials) {
  std::unique_ptr<DtlsContext> made(new DtlsContext);
  made->role_ = role;
  made->context_.reset(
      SSL_CTX_new(role == DtlsRole::kClient ? DTLS_client_method() : DTLS_server_method()));
  SSL_CTX* context = made->context_.get();
  SSL_CTX_set_app_data(context, made.get());
  SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                                   SSL_OP_COOKIE_EXCHANGE);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_dh_auto(context, 1);
  SSL_CTX_set_cookie_generate_cb(context, DtlsCallbacks::make_cookie);
  SSL_CTX_set_cookie_verify_cb(context, DtlsCallbacks::check_cookie);
  SystemRng().fill(made->cookie_secret_);
  if (credentials.key.empty()) {
    TRY(use_certificates(context, credentials));
    return made;
  }
  if (credentials.key.size() < kKeyMin || credentials.key.size() > kKeyMax)
    return airloom::fail(Errc::kInvalid,
                         "a key has 16 to 256 octets, as openssl rand -hex 32 "
                         "makes one");
  made->key_ = credentials.key;
  SSL_CTX_set_psk_client_callback(context, DtlsCallbacks::client_key);
  SSL_CTX_set_psk_server_callback(context, DtlsCallbacks::server_key);
  SSL_CTX_set_cipher_list(context, kKeyCiphers);
  return made;
}

std::unique_ptr<DtlsAssociation> DtlsContext::connect(size_t datagram_max, Send send) {
  std::unique_ptr<DtlsAssociation> made(new DtlsAssociation(*this, datagram_max, std::move(send)));
  SSL_set_connect_state(made->ssl_.get());
  return made;
}

std::unique_ptr<DtlsAssociation> DtlsContext::accept(std::span<const uint8_t> client,
                                                     std::span<const uint8_t> datagram,
                                                     size_t datagram_max, Send send) {
  // One listens for all: who proves nothing costs no more than its cookie.
  if (!listening_) {
    listening_.reset(new DtlsAssociation(*this, datagram_max, {}));
    SSL_set_accept_state(listening_->ssl_.get());
  }
  SSL_set_mtu(listening_->ssl_.get(), static_cast<long>(datagram_max));
  client_ = client;
  listening_->send_ = std::move(send);
  listening_->input_ = datagram;
  const std::unique_ptr<BIO_ADDR, void (*)(BIO_ADDR*)> unused(BIO_ADDR_new(), BIO_ADDR_free);
  const int proven = DTLSv1_listen(listening_->ssl_.get(), unused.get());
  listening_->input_ = {};
  ERR_clear_error();
  auto made = proven == 1 ? std::move(listening_) : nullptr;
  if (made) made->handshake();
  client_ = {};
  return made;
}

DtlsAssociation::DtlsAssociation(DtlsContext& context, size_t datagram_max, DtlsContext::Send send)
    : send_(std::move(send)), ssl_(SSL_new(context.context_.get())) {
  BIO* bio = BIO_new(DtlsCallbacks::method());
  BIO_set_data(bio, this);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_mtu(ssl_.get(), static_cast<long>(datagram_max));
}

DtlsAssociation::~DtlsAssociation() = default;

void DtlsAssociation::fail(std::string why) {
  state_ = State::kBroken;
  failure_ = std::move(why);
}

void DtlsAssociation::handshake() {
  begun_ = true;
  ERR_clear_error();
  const int done = SSL_do_handshake(ssl_.get());
  if (done == 1) {
    state_ = State::kSecured;
    return;
  }
  const int error = SSL_get_error(ssl_.get(), done);
  if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) fail(last_error());
}

bool DtlsAssociation::receive(std::span<const uint8_t> datagram,
                              const std::function<void(std::span<const uint8_t>)>& visit) {
  if (state_ == State::kBroken) return false;
  input_ = datagram;
  const bool was_secured = state_ == State::kSecured;
  if (!was_secured) handshake();
  bool brought = !was_secured;
  uint8_t room[kRecordMax];
  while (state_ == State::kSecured) {
    ERR_clear_error();
    const int length = SSL_read(ssl_.get(), room, sizeof room);
    if (length > 0) {
      brought = true;
      visit({room, static_cast<size_t>(length)});
      if (!SSL_has_pending(ssl_.get())) break;
      continue;
    }
    const int error = SSL_get_error(ssl_.get(), length);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) break;
    fail(error == SSL_ERROR_ZERO_RETURN ? "the peer has left" : last_error());
  }
  input_ = {};
  return brought;
}

bool DtlsAssociation::send(std::span<const uint8_t> octets) {
  if (state_ != State::kSecured) return false;
  ERR_clear_error();
  return SSL_write(ssl_.get(), octets.data(), static_cast<int>(octets.size())) > 0;
}

void DtlsAssociation::close() {
  if (state_ == State::kSecured) SSL_shutdown(ssl_.get());
}

std::optional<Duration> DtlsAssociation::timeout() const {
  timeval left{};
  if (state_ != State::kHandshake || DTLSv1_get_timeout(ssl_.get(), &left) != 1)
    return std::nullopt;
  return std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec);
}

void DtlsAssociation::poke() {
  if (state_ != State::kHandshake) return;
  if (!begun_) return handshake();
  ERR_clear_error();
  if (DTLSv1_handle_timeout(ssl_.get()) < 0) fail("the peer does not answer");
}

}  // namespace airloom::platform
