# A fuzzing server (Python 2.7): listens on a loopback port of its own, prints that port and its cases as one line of
# JSON, then one line for each case that has ended. It ends when standard input does, so it never outlives the program
# that started it. Usage: fuzzing_server.py [FOLDER FOR REPORTS]
import json
import sys

from autobahntestsuite import choosereactor  # must be the first import of the suite's
from autobahntestsuite.fuzzing import FuzzingServerFactory
from twisted.internet import protocol, reactor, stdio

VERDICT = ("behavior", "behaviorClose", "result", "resultClose", "remoteCloseCode")

real_stdout = sys.stdout
sys.stdout = sys.stderr  # the suite prints too


def write(value):
    real_stdout.write(json.dumps(value) + "\n")
    real_stdout.flush()


class Fuzzer(FuzzingServerFactory):
    def logCase(self, result):
        FuzzingServerFactory.logCase(self, result)
        verdict = dict((key, result[key]) for key in VERDICT)
        verdict["case"] = result["id"]
        write(verdict)


class Parent(protocol.Protocol):
    def connectionLost(self, reason):
        if reports:
            fuzzer.createReports()
        reactor.stop()


reports = sys.argv[1] if len(sys.argv) > 1 else None
fuzzer = Fuzzer({"url": "ws://127.0.0.1:1", "outdir": reports, "cases": ["*"]})
port = reactor.listenTCP(0, fuzzer, interface="127.0.0.1").getHost().port
fuzzer.setSessionParameters(url="ws://127.0.0.1:%d" % port, server="Autobahn")
stdio.StandardIO(Parent())
write({"port": port, "cases": fuzzer.specCases})
reactor.run()
