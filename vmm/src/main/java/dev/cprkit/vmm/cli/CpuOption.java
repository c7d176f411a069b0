package dev.cprkit.vmm.cli;

import dev.cprkit.vmm.machine.config.CpuConfig;
import dev.cprkit.vmm.machine.config.CpuExtension;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads {@code -cpu MODEL[,FEATURE=on|off...]}. Stateless. */
final class CpuOption {
    static final String HELP = """
        Available CPUs:
          max
          rv64
        """;

    /** What the hart always has: saying so is no mistake, switching it off is refused. */
    private static final Set<String> ALWAYS = Set.of(
            "i",
            "m",
            "a",
            "f",
            "d",
            "c",
            "g",
            "s",
            "u",
            "mmu",
            "pmp",
            "zicsr",
            "zifencei",
            "zicntr",
            "Zicsr",
            "Zifencei",
            "sv39",
            "sv48");

    /** What QEMU's hart can have and this one has not: saying that it is off is no mistake. */
    private static final Set<String> NEVER = Set.of(
            "e",
            "h",
            "v",
            "b",
            "zihpm",
            "zicbom",
            "zicboz",
            "zicbop",
            "zicond",
            "zawrs",
            "zacas",
            "zfa",
            "zfh",
            "zfhmin",
            "zbc",
            "zbkb",
            "zbkc",
            "zbkx",
            "zca",
            "zcb",
            "zcd",
            "zcmp",
            "zcmt",
            "zimop",
            "zcmop",
            "zkt",
            "zknd",
            "zkne",
            "zknh",
            "zkr",
            "zksed",
            "zksh",
            "zk",
            "zkn",
            "zks",
            "zvbb",
            "zve32f",
            "zve64d",
            "svinval",
            "svnapot",
            "svpbmt",
            "svade",
            "smstateen",
            "smaia",
            "ssaia",
            "smepmp",
            "sscofpmf",
            "sv57");

    private CpuOption() {}

    static CpuConfig parse(String text) throws CommandLineException {
        if (text.isEmpty()) {
            throw new CommandLineException("-cpu option cannot be empty");
        }
        int comma = text.indexOf(',');
        String model = comma < 0 ? text : text.substring(0, comma);
        if (!model.equals("rv64") && !model.equals("max")) {
            throw new CommandLineException("unable to find CPU model '" + model + "' (try '-cpu help')");
        }
        Set<CpuExtension> extensions = new HashSet<>(List.of(CpuExtension.values()));
        int at = comma;
        while (at >= 0 && at + 1 < text.length()) {
            int next = text.indexOf(',', at + 1);
            feature(model, text.substring(at + 1, next < 0 ? text.length() : next), extensions);
            at = next;
        }
        return new CpuConfig(model, extensions);
    }

    private static void feature(String model, String feature, Set<CpuExtension> extensions)
            throws CommandLineException {
        int equals = feature.indexOf('=');
        if (equals < 0) {
            throw new CommandLineException("Expected key=value format, found " + feature + ".");
        }
        String name = feature.substring(0, equals);
        String failure = "can't apply global " + model + "-riscv-cpu." + feature + ": ";
        Optional<CpuExtension> extension = CpuExtension.of(name);
        if (extension.isEmpty() && !ALWAYS.contains(name) && !NEVER.contains(name)) {
            throw new CommandLineException(failure + "Property '" + model + "-riscv-cpu." + name + "' not found");
        }
        boolean on =
                switch (feature.substring(equals + 1)) {
                    case "on", "yes", "true", "y" -> true;
                    case "off", "no", "false", "n" -> false;
                    default ->
                        throw new CommandLineException(failure + "Parameter '" + name + "' expects 'on' or 'off'");
                };
        if (extension.isPresent()) {
            if (on) {
                extensions.add(extension.get());
            } else {
                extensions.remove(extension.get());
            }
        } else if (on != ALWAYS.contains(name)) {
            throw new CommandLineException(
                    failure + (on ? "this hart has no " + name : "this hart always has " + name));
        }
    }
}
