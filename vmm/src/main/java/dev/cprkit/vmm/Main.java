package dev.cprkit.vmm;

import dev.cprkit.vmm.cli.CommandLine;
import dev.cprkit.vmm.cli.CommandLineException;
import dev.cprkit.vmm.cli.Invocation;
import dev.cprkit.vmm.machine.config.MachineConfig;
import dev.cprkit.vmm.monitor.Version;
import java.util.List;

/**
 * The emulator's command. Exit status: 0 when the machine was ended by the guest, a monitor or a signal; the guest's own
 * status if it gave one; 1 after an error, which is one line on standard error.
 */
public final class Main {
    private static final int FAILURE = 1;

    private Main() {}

    /** Runs the machine that the command line describes, until it ends. */
    public static void main(String[] args) {
        Version version = Version.current();
        try {
            switch (CommandLine.parse(List.of(args), versionLine(version))) {
                case Invocation.Print(String text) -> {
                    System.out.print(text);
                    System.out.flush();
                }
                case Invocation.Check(MachineConfig config) -> {
                    exit(CprCheck.run(config, System.in, System.out));
                }
                case Invocation.Run run -> {
                    run.warnings().forEach(Main::complain);
                    exit(Emulator.run(run.config(), version, Main::complain));
                }
            }
        } catch (CommandLineException | StartException e) {
            complain(e.getMessage());
            exit(FAILURE);
        }
    }

    private static String versionLine(Version version) {
        return "QEMU emulator version " + version.numbers() + version.packageText();
    }

    private static void complain(String sentence) {
        System.err.println("vmm: " + sentence);
    }

    /** Ends the process without the hook that a signal runs: everything has been cleaned up. */
    private static void exit(int status) {
        System.out.flush();
        System.err.flush();
        Runtime.getRuntime().halt(status);
    }
}
