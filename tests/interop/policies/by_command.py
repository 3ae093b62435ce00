"""Asks for the policy of each command of a family alone: by_command.py FAMILY.

Checks that it is the same policy as in the answer about all, and prints which policy each command
has, as genl does.
"""

import errno
import struct
import sys

from genetlink import (CTRL_ATTR_FAMILY_ID, GENL_ID_CTRL, Client, Refused, attribute, attributes)

CTRL_CMD_GETPOLICY = 10
CTRL_ATTR_POLICY, CTRL_ATTR_OP_POLICY, CTRL_ATTR_OP = 8, 9, 10
KINDS = {1: 'do', 2: 'dump'}


def answer(client, family, *more):
    """(policy of each command, attributes of each policy)."""
    commands, policies = {}, []
    body = attribute(CTRL_ATTR_FAMILY_ID, struct.pack('=H', family)) + b''.join(more)
    for _, message in client.dump(CTRL_CMD_GETPOLICY, body):
        for command, nest in attributes(message.get(CTRL_ATTR_OP_POLICY, b'')):
            commands[command] = {KINDS[kind]: struct.unpack('=I', value)[0]
                                 for kind, value in attributes(nest)}
        if CTRL_ATTR_POLICY in message:
            policies.append(message[CTRL_ATTR_POLICY])
    return commands, policies


client = Client(sys.argv[1])
family, client.family = client.family, GENL_ID_CTRL
commands, policies = answer(client, family)
for command in range(256):
    try:
        alone, its_policies = answer(client, family, attribute(CTRL_ATTR_OP, command))
    except Refused as refused:
        assert command not in commands and refused.errno == errno.EOPNOTSUPP, (command, refused)
        continue
    assert its_policies == policies, command
    for same, ways in alone.items():  # none if it only dumps, without a look at attributes
        print(f'op {same} policies:', *(f'{kind}={index}' for kind, index in ways.items()))
