package dev.cprkit.agent.check;

import dev.cprkit.agent.argv.QemuOption;
import dev.cprkit.agent.check.Finding.Code;
import java.util.ArrayList;
import java.util.List;

/**
 * Judges the TCP ports that the old process listens on, whichever option or command made it listen: what an option asks for
 * the new process could not have as well, and what none asks for it would not have at all. Pure.
 */
final class PortChecks {
    /** Display N of VNC is that port and N more. */
    private static final int VNC = 5900;

    /** {@code -s}. */
    private static final int GDB = 1234;

    private PortChecks() {}

    /** {@code told} are findings about options, so that none is told of twice. */
    static void judge(CheckFacts facts, List<Finding> told, List<Finding> findings) {
        List<QemuOption> options = facts.process().options();
        for (int port : facts.process().tcpPorts()) {
            List<QemuOption> naming =
                    options.stream().filter(option -> names(option, port)).toList();
            if (naming.isEmpty()) {
                if (options.stream().noneMatch(option -> Ports.allZero(option.text()))) {
                    findings.add(unnamed(port));
                }
            } else if (!isTold(port, told)) {
                findings.add(new Finding(
                        Code.PORT_TAKEN,
                        naming.getFirst().text(),
                        "the old process listens on TCP port " + port
                                + " until the new one runs, so the new one cannot",
                        "start the VM with a unix socket there, or without it"));
            }
        }
    }

    private static Finding unnamed(int port) {
        return new Finding(
                Code.PORT_UNNAMED,
                "TCP port " + port,
                "the old process listens there, and no option names that port: it was chosen by the host, or asked for"
                        + " while the VM ran",
                "look afterwards where the new process listens, and ask it for the rest again");
    }

    private static boolean isTold(int port, List<Finding> told) {
        return told.stream()
                .filter(finding -> finding.code() == Code.PORT_TAKEN)
                .map(finding -> numbers(finding.subject()))
                .anyMatch(numbers -> numbers.contains(port) || numbers.contains(port - VNC));
    }

    private static boolean names(QemuOption option, int port) {
        String value = option.value().orElse("");
        boolean display = option.name().equals("vnc") || option.name().equals("display") && value.startsWith("vnc");
        List<Integer> numbers = numbers(value);
        return numbers.contains(port)
                || display && numbers.contains(port - VNC)
                || option.name().equals("s") && port == GDB;
    }

    /** All that is written in decimals; what is larger than a port is none. */
    private static List<Integer> numbers(String text) {
        List<Integer> numbers = new ArrayList<>();
        int number = -1;
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : ' ';
            if (c >= '0' && c <= '9') {
                number = Math.min(1 << 20, Math.max(0, number) * 10 + (c - '0'));
            } else if (number >= 0) {
                numbers.add(number);
                number = -1;
            }
        }
        return numbers;
    }
}
