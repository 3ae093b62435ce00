"""The steps of the session that was traced on the kernel of record (tests/vectors/linux-6.1)."""

import pathlib
import signal

from airloom_testing import Scenario, connected, processes_with, start_pair, wait_until

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

RECVMSG = '47'  # x86-64; `iw event` says nothing when it has joined its groups


class Listeners:
    """True once `count` processes of `iw event` have sat in recvmsg for ten looks in a row."""

    def __init__(self, lab, count):
        self.mark = str(lab.runtime)
        self.count = count
        self.looks = 0

    def __call__(self):
        pids = [pid for pid, command in processes_with(self.mark)
                if command.startswith('iw event')]
        calls = [pathlib.Path(f'/proc/{pid}/syscall').read_text().split()[0] for pid in pids]
        self.looks = self.looks + 1 if calls == [RECVMSG] * self.count else 0
        return self.looks >= 10


class TracedSession(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ping')

    def run_session(self, lab, kind, ap_options, network, when_listening=lambda: None):
        """Runs all of it: yields (what, golden file, text) of each tool that has ended.

        self.addresses names the MAC addresses once the first is yielded. when_listening() is
        called as the trace began: after `iw event` has joined its groups, before all else.
        """
        events = {name: lab.host(name).start(['iw', 'event', '-t', '-f']) for name in ('ap', 'sta')}
        wait_until(Listeners(lab, len(events)), 'both `iw event` wait for events')
        when_listening()
        hosts_and_programs = start_pair(lab, ap_options, {**network, 'scan_freq': None})
        ap, station, hostapd, supplicant = hosts_and_programs
        station.ping('10.9.0.1', count=3)
        self.addresses = {ap.address(): 'ap', station.address(): 'sta'}
        for host, command, golden in COMMANDS:
            yield f'{host}: {command}', golden, lab.host(host).run(command.split())
        yield 'hostapd_cli all_sta', 'hostapd_cli-all_sta.txt', ap.hostapd_cli('all_sta')
        self.end_of_session(kind, hosts_and_programs, events['sta'])
        supplicant.stop()
        hostapd.stop()
        for host, golden in (('ap', 'iw-event-root.txt'), ('sta', 'iw-event-sta.txt')):
            events[host].stop(signal.SIGINT)
            yield f'{host}: iw event', golden, events[host].output()

    def end_of_session(self, kind, hosts_and_programs, station_events):
        ap, station, hostapd, supplicant = hosts_and_programs
        if kind == 'wpa2':
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
