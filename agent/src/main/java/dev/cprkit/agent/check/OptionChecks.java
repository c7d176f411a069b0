package dev.cprkit.agent.check;

import dev.cprkit.agent.argv.NextCommandLine;
import dev.cprkit.agent.argv.OptionList;
import dev.cprkit.agent.argv.PathMove;
import dev.cprkit.agent.argv.QemuOption;
import dev.cprkit.agent.check.Finding.Code;
import dev.cprkit.proto.qapi.MigMode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Judges the old command line: what the new process could not have, or not at the same time. Pure. */
final class OptionChecks {
    /** Keys whose value is the number of a descriptor that was open when the old process began. */
    private static final Set<String> DESCRIPTOR_KEYS = Set.of("fd", "fds", "vhostfd", "vhostfds", "addr.str");

    private OptionChecks() {}

    static void judge(MigMode mode, CheckFacts facts, List<Finding> findings) {
        Map<String, String> aliases = facts.vm().machine().aliases();
        NextCommandLine next = NextProcess.commandLine(mode, facts);
        next.findings().stream()
                .filter(finding -> finding.code() != Code.PORT_TAKEN || !Ports.allZero(finding.subject()))
                .forEach(findings::add);
        PortChecks.judge(facts, next.findings(), findings);
        next.moves().stream().filter(move -> !move.to().equals(move.from())).forEach(move -> owned(move, findings));
        for (QemuOption option : facts.process().options()) {
            String value = option.value().orElse("");
            portZero(option, findings);
            switch (option.name()) {
                case "sandbox" -> sandbox(option, findings);
                case "runas", "chroot" -> findings.add(dropped(option.text()));
                case "run-with" -> runWith(option, findings);
                case "M", "machine" -> machine(option, aliases, findings);
                case "serial", "chardev" -> log(option, findings);
                case "daemonize" ->
                    findings.add(new Finding(
                            Code.DAEMONIZE,
                            option.text(),
                            "a new process that goes into the background by itself cannot be watched, and in mode"
                                    + " cpr-exec never comes to its end",
                            "the new process is started without it, and detached from outside"));
                case "add-fd" -> findings.add(inherited(option.text()));
                case "incoming" -> {} // it goes
                default -> descriptors(option, value, findings);
            }
        }
        if (!facts.process().root().toString().equals("/")) {
            findings.add(dropped("process " + facts.process().facts().pid()));
        }
        if (mode == MigMode.CPR_EXEC) {
            findings.add(new Finding(
                    Code.NO_WAY_BACK,
                    "mode cpr-exec",
                    "the old process becomes the new one, so if that ends before it has the guest, the guest is lost",
                    "take mode cpr-transfer where it can be had; try the new program on a VM that does not matter"));
        }
    }

    /** A port that the host chooses is no conflict, but it is another one each time. */
    private static void portZero(QemuOption option, List<Finding> findings) {
        if (Ports.allZero(option.text())) {
            findings.add(new Finding(
                    Code.PORT_ZERO,
                    option.text(),
                    "the host chose that port, and will choose another one for the new process",
                    "look it up after the update, or give the VM a unix socket"));
        }
    }

    private static void owned(PathMove move, List<Finding> findings) {
        switch (move.kind()) {
            case SOCKET ->
                findings.add(new Finding(
                        Code.SOCKET_PATH,
                        move.from(),
                        "the old process owns it, and removes it when it ends, even if the new one has bound it again",
                        "the new process listens at " + move.to() + ", and " + move.base() + " will lead there"));
            case PIDFILE ->
                findings.add(new Finding(
                        Code.PID_FILE,
                        move.from(),
                        "the old process has it locked, so the new one could not start",
                        "the new process writes " + move.to() + ", and " + move.base() + " will lead there"));
            case ABSTRACT_SOCKET -> {}
        }
    }

    private static void sandbox(QemuOption option, List<Finding> findings) {
        OptionList list = OptionList.parse(option.value().orElse(""), "enable");
        if (list.isOn("enable") && list.get("spawn").orElse("allow").equals("deny")) {
            findings.add(new Finding(
                    Code.SANDBOX_SPAWN,
                    option.text(),
                    "it forbids the old process to execute a program, which shows only when the guest stands still"
                            + " already",
                    "take mode cpr-transfer, or restart the VM without spawn=deny"));
        }
    }

    private static void runWith(QemuOption option, List<Finding> findings) {
        OptionList list = OptionList.parse(option.value().orElse(""), "");
        if (list.get("chroot").isPresent() || list.get("user").isPresent()) {
            findings.add(dropped(option.text()));
        }
    }

    private static Finding dropped(String subject) {
        return new Finding(
                Code.PRIVILEGES_DROPPED,
                subject,
                "the old process has another root folder or user by now, so the new program is not found, or may not do"
                        + " what its options ask for",
                "take mode cpr-transfer");
    }

    private static void machine(QemuOption option, Map<String, String> aliases, List<Finding> findings) {
        OptionList list = OptionList.parse(option.value().orElse(""), "type");
        Optional<String> type = list.get("type").map(aliases::get);
        type.ifPresent(name -> findings.add(new Finding(
                Code.MACHINE_ALIAS,
                option.text(),
                "it is an alias, which a newer program gives to a newer machine, and that refuses the guest's state",
                "the new process gets " + name + ", what it stands for in the old one")));
    }

    private static void log(QemuOption option, List<Finding> findings) {
        String value = option.value().orElse("");
        OptionList list = OptionList.parse(value, "backend");
        boolean file = value.startsWith("file:") || list.get("backend").equals(Optional.of("file"));
        if (file && !list.isOn("append")) {
            findings.add(new Finding(
                    Code.LOG_FILE,
                    option.text(),
                    "opening it anew would empty what the old process has written",
                    "the new process appends to it"));
        }
        descriptors(option, value, findings);
    }

    private static void descriptors(QemuOption option, String value, List<Finding> findings) {
        OptionList list = OptionList.parse(value, "");
        boolean named = DESCRIPTOR_KEYS.stream().anyMatch(key -> list.get(key).isPresent());
        boolean server = option.name().equals("chardev") && list.isOn("server"); // the rewrite says so
        if (named && !server || value.contains("/dev/fdset/")) {
            findings.add(inherited(option.text()));
        }
    }

    private static Finding inherited(String subject) {
        return new Finding(
                Code.INHERITED_DESCRIPTOR,
                subject,
                "whoever started the VM had opened that descriptor for it, and the new process does not inherit it",
                "let the VM open it itself: name the path or the interface instead");
    }
}
