package dev.cprkit.vmm.monitor.hmp;

import java.util.Optional;

/** Runs lines of the human monitor (reference/qemu-cpr.md, section 8.4). Main loop's thread, machine lock held. */
public final class HmpShell {
    private final HmpRegistry registry;

    /** A shell that knows what is in the registry, and {@code help} and {@code info}, which it adds there. */
    public HmpShell(HmpRegistry registry) {
        this.registry = registry;
        registry.add(new HmpHelp(registry).command());
        registry.add(
                new HmpCommand("info", "[subcommand]", "show various information about the system state", this::info));
    }

    /** What it knows. */
    public HmpRegistry registry() {
        return registry;
    }

    /** Runs a line. What goes wrong is printed as well: to the human monitor an error is text. */
    public void run(String line, HmpOutput out) {
        String command = line.strip();
        if (command.isEmpty() || command.startsWith("#")) {
            return;
        }
        String name = firstWord(command);
        Optional<HmpCommand> found = registry.find(name);
        if (found.isEmpty()) {
            out.println("unknown command: '" + name + "'");
            return;
        }
        run(found.get(), "", command.substring(name.length()).strip(), out);
    }

    /**
     * For commands without parameters.
     *
     * @throws HmpUsageException if there are some
     */
    public static void noParameters(HmpCommand command, String rest) throws HmpUsageException {
        if (!rest.isEmpty()) {
            throw new HmpUsageException(
                    String.join("|", command.names()) + ": extraneous characters at the end of line");
        }
    }

    private void info(HmpOutput out, String rest) {
        if (rest.isEmpty()) {
            for (HmpCommand command : registry.allInfo()) {
                out.println(HmpHelp.describe("info ", command));
            }
            return;
        }
        String name = firstWord(rest);
        Optional<HmpCommand> found = registry.findInfo(name);
        if (found.isEmpty()) {
            out.println("unknown command: 'info " + name + "'");
            return;
        }
        run(found.get(), "info ", rest.substring(name.length()).strip(), out);
    }

    private static void run(HmpCommand command, String prefix, String rest, HmpOutput out) {
        try {
            if (command.params().isEmpty()) {
                noParameters(command, rest);
            }
            command.action().run(out, rest);
        } catch (HmpError e) {
            out.println("Error: " + e.getMessage());
        } catch (HmpUsageException e) {
            out.println(e.getMessage());
            out.println("Try \"help " + prefix + command.name() + "\" for more information");
        } catch (RuntimeException e) {
            // A mistake in the command must cost neither the guest nor the monitor.
            out.println("Error: the command " + prefix + command.name() + " failed inside vmm: " + e);
        }
    }

    private static String firstWord(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isWhitespace(text.charAt(i))) {
                return text.substring(0, i);
            }
        }
        return text;
    }
}
