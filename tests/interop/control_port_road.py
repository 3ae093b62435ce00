"""Which road EAPOL took, by the nl80211 messages of the hosts' programs."""

import struct

import netlink_trace
import nl80211_names

COMMANDS, ATTRIBUTES = nl80211_names.commands(), nl80211_names.attributes()
STARTS = [COMMANDS['START_AP'], COMMANDS['ASSOCIATE'], COMMANDS['CONNECT']]


class Road:
    """What one host's part of a capture of nl80211 says of the control port."""

    def __init__(self, path, host):
        self.asked = []      # the attributes of control ports that START_AP, ASSOCIATE ask for
        self.sent = []       # frames that the program sent there
        self.received = []   # (frame's attributes, whether the connection had been told of)
        self.statuses = []   # (cookie, whether it was acknowledged)
        told = False
        for message in netlink_trace.messages(path, host):
            if message.type < 17 or not message.body:
                continue
            command = message.body[0]
            attributes = dict(netlink_trace.attributes(message.body[4:]))
            if message.is_request and command in STARTS:
                self.asked.append({name for name in ('OVER_NL80211', 'NO_PREAUTH', 'ETHERTYPE')
                                   if ATTRIBUTES[f'CONTROL_PORT_{name}'] in attributes})
            if command in (COMMANDS['ASSOCIATE'], COMMANDS['NEW_STATION'], COMMANDS['CONNECT']):
                told = told or not message.is_request or command == COMMANDS['NEW_STATION']
            if command == COMMANDS['CONTROL_PORT_FRAME']:
                if message.is_request:
                    self.sent.append(attributes)
                else:
                    self.received.append((attributes, told))
            elif command == COMMANDS['CONTROL_PORT_FRAME_TX_STATUS']:
                cookie = struct.unpack('=Q', attributes[ATTRIBUTES['COOKIE']])[0]
                self.statuses.append((cookie, ATTRIBUTES['ACK'] in attributes))
