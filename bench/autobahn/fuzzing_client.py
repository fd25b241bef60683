# A fuzzing client (Python 2.7): prints its cases as one line of JSON, then runs each case that a line of standard
# input names against a server, and prints one line for each. It ends when standard input does, so it never outlives
# the program that started it. Usage: fuzzing_client.py URL [FOLDER FOR REPORTS]
import json
import sys

from autobahntestsuite import choosereactor  # must be the first import of the suite's
from autobahntestsuite.fuzzing import FuzzingClientFactory, connectWS
from twisted.internet import reactor, stdio
from twisted.protocols.basic import LineReceiver

VERDICT = ("behavior", "behaviorClose", "result", "resultClose", "remoteCloseCode")

real_stdout = sys.stdout
sys.stdout = sys.stderr  # the suite prints too


def write(value):
    real_stdout.write(json.dumps(value) + "\n")
    real_stdout.flush()


class Fuzzer(FuzzingClientFactory):
    def nextCase(self):
        return False  # cases come from standard input

    def run(self, name):
        self.currentCaseId = name
        self.currentCaseIndex = self.CaseSet.CasesIndices[name]
        connectWS(self)

    def logCase(self, result):
        FuzzingClientFactory.logCase(self, result)
        verdict = dict((key, result[key]) for key in VERDICT)
        verdict["case"] = result["id"]
        write(verdict)

    def clientConnectionLost(self, connector, reason):
        pass

    def clientConnectionFailed(self, connector, reason):
        write({"case": self.currentCaseId, "behavior": "FAILED", "behaviorClose": "FAILED",
               "result": reason.getErrorMessage()})


class Cases(LineReceiver):
    delimiter = "\n"

    def lineReceived(self, line):
        fuzzer.run(line)

    def connectionLost(self, reason):
        if reports:
            fuzzer.createReports()
        reactor.stop()


reports = sys.argv[2] if len(sys.argv) > 2 else None
fuzzer = Fuzzer({"outdir": reports, "cases": ["*"], "servers": [{"agent": "server", "url": sys.argv[1]}]})
stdio.StandardIO(Cases())
write({"cases": fuzzer.specCases})
reactor.run()
