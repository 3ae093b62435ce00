"""For bench/system.py, on a host: makes radios, dumps all wiphys, and asks something small.

Prints seconds: `make` for all radios, `dump` and `ask` the medians of each; and `messages` a dump.
"""

import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'tests/interop'))

import genetlink  # noqa: E402

NEW_RADIO = 4
GET_WIPHY, GET_PROTOCOL_FEATURES = 1, 95
ATTR_SPLIT_WIPHY_DUMP = 174
NLMSG_DONE = 3


def dump(client):
    """Reads a dump without looking into its messages; returns how many there were."""
    client.send(GET_WIPHY, genetlink.attribute(ATTR_SPLIT_WIPHY_DUMP), genetlink.NLM_F_DUMP)
    count = 0
    while True:
        datagram = client.socket.recv(65536)
        kinds = [kind for kind, *_ in genetlink.messages(datagram)]
        count += len(kinds)
        if kinds[-1] == NLMSG_DONE:
            return count


def timed(action, times):
    samples = []
    for _ in range(times):
        begin = time.perf_counter()
        result = action()
        samples.append(time.perf_counter() - begin)
    return statistics.median(samples), result


def main():
    hwsim = genetlink.Client('MAC80211_HWSIM')
    begin = time.perf_counter()
    for _ in range(int(sys.argv[1])):
        hwsim.ask(NEW_RADIO)
    print('make', time.perf_counter() - begin)
    nl80211 = genetlink.Client('nl80211')
    seconds, messages = timed(lambda: dump(nl80211), 9)
    print('dump', seconds)
    print('messages', messages)
    print('ask', timed(lambda: nl80211.ask(GET_PROTOCOL_FEATURES), 200)[0])


if __name__ == '__main__':
    main()
