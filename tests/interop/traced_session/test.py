"""The session that was traced on the kernel of record, run again on airloom and compared.

AP start, scan, connect, iw, rekey, disconnect, reconnect, deauthentication and stop with unmodified
hostapd, wpa_supplicant and iw. What the tools print, every netlink message at each socket, and the
order of mac80211's calls into the driver are as they were there (tests/vectors/linux-6.1), but for
the rows of docs/conformance.md.
"""

import pathlib
import signal
import unittest

import driver_calls
from air_capture import Capture
from airloom_testing import (OPEN_STATION, Scenario, WPA2_AP, WPA2_STATION, WPA3_AP,
                             WPA3_STATION, connected, start_pair)
from golden import GOLDEN_AP, GOLDEN_STATION, compare, differences, rows_of
from netlink_trace import Text

VECTORS = pathlib.Path(__file__).resolve().parents[2] / 'vectors/linux-6.1'

SAE_AP = {**WPA3_AP, 'beacon_prot': 1, 'sae_pwe': 2, 'sae_require_mfp': 1}
SAE_STATION = {**WPA3_STATION, 'beacon_prot': 1, 'sae_pwe': 2}

# (host, command, golden file) with the station connected, in the order of the trace.
COMMANDS = [
    ('ap', 'iw list', 'iw-list.txt'),
    ('ap', 'iw dev', 'iw-dev.txt'),
    ('ap', 'iw dev wlan0 info', 'iw-dev-wlan0-info.txt'),
    ('ap', 'iw dev wlan0 station dump', 'iw-ap-station-dump.txt'),
    ('ap', 'iw reg get', 'iw-reg-get.txt'),
    ('sta', 'iw dev wlan0 scan', 'iw-sta-scan.txt'),
    ('sta', 'iw dev wlan0 scan dump', 'iw-sta-scan-dump.txt'),
    ('sta', 'iw dev wlan0 link', 'iw-sta-link.txt'),
    ('sta', 'iw dev wlan0 station dump', 'iw-sta-station-dump.txt'),
    ('sta', 'iw dev', 'iw-sta-dev.txt'),
    ('sta', 'iw dev wlan0 survey dump', 'iw-sta-survey.txt'),
]

# The kernel of record had both radios on one host: the station's were phy1 and wlan1.
ONE_HOST = [('WIPHY=01000000', 'WIPHY=00000000'), (b'wlan1'.hex(), b'wlan0'.hex())]
HOSTS = {'ap': ('root', 'phy0'), 'sta': ('sta', 'phy1')}  # names in the trace

WPA_SUPPLICANT = ('sta', 'program 1 socket 1')


# What wpa_supplicant asks of the channels when it hears that they have changed.
CHANNEL_QUESTIONS = ['GET_INTERFACE', *2 * ['GET_PROTOCOL_FEATURES', 'GET_WIPHY', 'GET_REG']]


def without_channel_questions(lines):
    """What wpa_supplicant says, but for what it asks of the channels once it has joined.

    Here its host is a kernel of its own and idle when the station has left: it goes back to the
    world domain and says so (REG_CHANGE), and wpa_supplicant asks for all channels again. In the
    traced kernel the access point's radio was still in use.
    """
    exchanges = []
    for line in lines:
        if line.startswith('>'):
            exchanges.append([])
        exchanges[-1].append(line)
    asked = [exchange[0].split()[1] for exchange in exchanges]
    at = asked.index('AUTHENTICATE')
    kept = exchanges[:at]
    while at < len(asked):
        if asked[at:at + len(CHANNEL_QUESTIONS)] == CHANNEL_QUESTIONS:
            at += len(CHANNEL_QUESTIONS)
        else:
            kept.append(exchanges[at])
            at += 1
    return [line for exchange in kept for line in exchange]


EARLY_FLAGS = '> SET_STATION IFINDEX[4] MAC=<sta> STA_FLAGS2=1c00000000000000'


def without_early_flags(lines):
    """What a program says, but for what hostapd sends only if it reads that its Authentication
    was acknowledged before it reads the Association Request: they come by different sockets.
    """
    early = [at for at, line in enumerate(lines) if line == EARLY_FLAGS]
    left_out = {at + answer for at in early for answer in (0, 1)}
    return [line for at, line in enumerate(lines) if at not in left_out]


def octets(address):
    return bytes.fromhex(address.replace(':', ''))


def named(addresses):
    """{octets: name} of {text: name}, with the stations' P2P devices."""
    return {octets(text): name for text, name in addresses.items()} | {
        bytes([octets(text)[0] ^ 0x40]) + octets(text)[1:]: f'{name} p2p'
        for text, name in addresses.items()}


def kernel_netlink(trace):
    streams = Text(named({GOLDEN_AP: 'ap', GOLDEN_STATION: 'sta'})).streams(
        VECTORS / f'netlink/{trace}.pcap.gz')
    for old, new in ONE_HOST:
        streams = {who: [line.replace(old, new) for line in lines]
                   for who, lines in streams.items()}
    return streams


class TracedSessionTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ping')

    def session(self, kind, ap_options, network):
        """Runs all of it and returns the differences."""
        lab = self.new_lab()
        lab.start_daemon('--verbose')
        problems = []
        for what, golden, text in self.run_session(lab, kind, ap_options, network):
            if kind != 'wpa2' and golden == 'iw-list.txt':
                continue  # the same text as in the WPA2 session
            problems += differences(what, f'{kind}/{golden}', text, self.addresses, kind)
        self.capture.end()
        return problems + self.netlink_differences(kind) + self.driver_differences(kind)

    def run_session(self, lab, kind, ap_options, network):
        """Yields (what, golden file, text) of each tool that has ended.

        self.addresses names the MAC addresses once the first is yielded.
        """
        for name in HOSTS:  # one after the other, so that their addresses are the trace's
            lab.host(name).run(['true'])
        events = {name: lab.host(name).iw_events('-t', '-f') for name in HOSTS}
        self.capture = Capture(lab, '--nl80211')
        hosts_and_programs = start_pair(lab, ap_options, {**network, 'scan_freq': None})
        ap, station, hostapd, supplicant = hosts_and_programs
        station.ping('10.9.0.1', count=3)
        self.addresses = {ap.address(): 'ap', station.address(): 'sta'}
        for host, command, golden in COMMANDS:
            yield f'{host}: {command}', golden, lab.host(host).run(command.split())
        yield 'hostapd_cli all_sta', 'hostapd_cli-all_sta.txt', ap.hostapd_cli('all_sta')
        self.end_of_session(kind, hosts_and_programs, events['sta'])
        supplicant.stop()
        events['sta'].wait_for_line('scan aborted')
        hostapd.stop()
        events['ap'].wait_for_line('set interface type station')
        for host, (trace, _) in HOSTS.items():
            events[host].stop(signal.SIGINT)
            yield f'{host}: iw event', f'iw-event-{trace}.txt', events[host].output()

    def end_of_session(self, kind, hosts_and_programs, station_events):
        ap, station, hostapd, supplicant = hosts_and_programs
        if kind != 'open':
            ap.hostapd_cli('raw', 'REKEY_GTK')
            supplicant.wait_for_line('Group rekeying completed')
        station.wpa_cli('disconnect')
        hostapd.wait_for_line('AP-STA-DISCONNECTED')
        station.wpa_cli('reconnect')
        connected(supplicant)
        hostapd.wait_for_line('AP-STA-CONNECTED')
        station_events.skip_to_now()
        ap.hostapd_cli('deauthenticate', station.address())
        supplicant.wait_for_line('CTRL-EVENT-DISCONNECTED')
        station_events.wait_for_line('scan started')

    def netlink_differences(self, kind):
        problems = []
        for host, (trace, _) in HOSTS.items():
            kernel = kernel_netlink(f'{kind}-{trace}')
            ours = Text(named(self.addresses)).streams(self.capture.path, host)
            for who in kernel | ours:
                label = f'{host}: netlink {who}'
                both = [without_early_flags(streams.get(who, [])) for streams in (kernel, ours)]
                if (host, who) == WPA_SUPPLICANT:
                    both = [without_channel_questions(lines) for lines in both]
                problems += compare(label, *both, rows_of(label, kind))
        return problems

    def driver_differences(self, kind):
        kernel = driver_calls.kernel_calls(VECTORS / f'driver/{kind}.txt')
        ours = driver_calls.OurCalls(self.lab.daemon.lines).calls
        problems = []
        for host, (_, radio) in HOSTS.items():
            theirs = driver_calls.roads(kernel[radio])
            for road, words in driver_calls.roads(ours[f'{host}/phy0']).items():
                label = f'{host}: driver {road}'
                problems += compare(label, theirs[road], words, rows_of(label))
        return problems

    def test_wpa2_session(self):
        problems = self.session('wpa2', WPA2_AP, WPA2_STATION)
        self.assertFalse(problems, '\n'.join(problems))

    def test_sae_session(self):
        problems = self.session('sae', SAE_AP, SAE_STATION)
        self.assertFalse(problems, '\n'.join(problems))

    def test_open_session(self):
        problems = self.session('open', {}, OPEN_STATION)
        self.assertFalse(problems, '\n'.join(problems))


if __name__ == '__main__':
    unittest.main()
