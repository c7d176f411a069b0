package dev.cprkit.vmm.monitor.hmp;

import java.util.Optional;

/** Runs lines of the human monitor (reference/qemu-cpr.md, section 8.4). Main loop's thread, machine lock held. */
public final class HmpShell {
    private final HmpRegistry registry;
    private final HmpParser parser;

    /** A shell that knows what is in the registry, and {@code help} and {@code info}, which it adds there. */
    public HmpShell(HmpRegistry registry) {
        this.registry = registry;
        this.parser = new HmpParser(registry::register);
        registry.later(HmpHelp::register);
    }

    /** What it knows. */
    public HmpRegistry registry() {
        return registry;
    }

    /** Runs a line. What goes wrong is printed as well: to the human monitor an error is text. */
    public void run(String line, HmpOutput out) {
        LineReader in = new LineReader(line);
        String name = commandName(in);
        if (name.isEmpty() && in.ended()) {
            return;
        }
        Optional<HmpCommand> found = registry.find(name);
        String prefix = "";
        if (found.isPresent() && name.equals("info")) {
            in.skipSpaces();
            if (!in.ended()) {
                prefix = "info ";
                found = registry.findInfo(commandName(in));
            }
        }
        if (found.isEmpty()) {
            out.println("unknown command: '" + in.read() + "'");
            return;
        }
        run(found.get(), prefix, in, out);
    }

    /** The command's name, which a space ends, or the slash of a format. */
    static String commandName(LineReader in) {
        in.skipSpaces();
        StringBuilder name = new StringBuilder();
        while (!in.ended() && in.peek() != '/' && !LineReader.isSpace(in.peek())) {
            name.append(in.next());
        }
        return name.toString();
    }

    private void run(HmpCommand command, String prefix, LineReader in, HmpOutput out) {
        try {
            command.handler().run(out, parser.parse(command, in));
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
}
