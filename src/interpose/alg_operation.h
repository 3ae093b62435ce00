// The kernel's crypto API for programs, without its system calls: the algorithms by the kernel's
// names, and one running operation (an accepted AF_ALG socket) each. Served by libcrypto.
// AEADs, random generators and asymmetric keys are not here. Errors are positive errno values.
// [linux/if_alg.h] [Documentation/crypto/userspace-if.rst]
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "bytes/writer.h"
#include "crypto/block_cipher.h"
#include "crypto/running_digest.h"

namespace airloom::interpose {

/// What a socket is bound to.
struct AlgDigest {
  crypto::DigestAlgorithm algorithm;
};
struct AlgHmac {
  crypto::DigestAlgorithm algorithm;
};
struct AlgCmac {};
struct AlgCipher {
  crypto::BlockCipher cipher;
  crypto::BlockMode mode;
};
using Algorithm = std::variant<AlgDigest, AlgHmac, AlgCmac, AlgCipher>;

/// @param type  "hash" or "skcipher".
/// @param name  as in /proc/crypto: "hmac(sha256)", "cbc(aes)".
/// @return none: it is not served (ENOENT).
std::optional<Algorithm> find_algorithm(const crypto::DigestLibrary& library,
                                        const std::string& type, const std::string& name);

/// What one sendmsg() hands over.
struct AlgInput {
  std::span<const uint8_t> data;
  bool more = false;            ///< MSG_MORE
  std::optional<bool> encrypt;  ///< ALG_SET_OP
  std::optional<Octets> iv;     ///< ALG_SET_IV
};

class AlgOperation {
 public:
  virtual ~AlgOperation() = default;
  /// @return 0 or an errno; all of the data is taken.
  virtual int send(const AlgInput& input) = 0;
  struct Output {
    int error = 0;
    Octets octets;
    bool truncated = false;  ///< MSG_TRUNC
  };
  /// @param room  octets that the program has room for.
  virtual Output receive(size_t room) = 0;
  /// What accept() on it gives; null: EOPNOTSUPP.
  virtual std::unique_ptr<AlgOperation> clone() const = 0;
};

/// @param key  none: none was set; what needs one then answers ENOKEY.
/// @error kInvalid  the key's length.
Result<std::unique_ptr<AlgOperation>> start_operation(const crypto::DigestLibrary& library,
                                                      const Algorithm& algorithm,
                                                      const std::optional<Octets>& key);
/// Whether the algorithm takes such a key: 0, EINVAL, or ENOSYS where it takes none.
int check_key(const crypto::DigestLibrary& library, const Algorithm& algorithm, const Octets& key);

}  // namespace airloom::interpose
