package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.Json;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.cprctl.output.Screen;
import dev.cprkit.cprctl.terminal.ConsoleSession;
import dev.cprkit.cprctl.terminal.Interrupts;
import dev.cprkit.cprctl.terminal.RawTerminal;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code cprctl console}. */
@Command(
        name = "console",
        header = "Attach this terminal to a VM's serial line.",
        description = {
            "Ctrl-] detaches; every other key goes to the guest. When the VM is updated, the terminal follows it to"
                    + " the new process. If what is typed comes from a pipe or a file, its end detaches too.",
            "",
            "With --json it attaches nothing, and tells where the line is. The exit status is 9 if somebody else is"
                    + " attached, and 7 if the VM ends.",
            ""
        })
final class ConsoleCommand extends Verb {
    /** Longer than an update takes between the old process's end and the links that lead to the new one. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @Mixin
    private Target target;

    @Override
    ExitStatus run(Screen screen) throws OperationException {
        SerialLine line =
                new SerialLine(site().processes(), target.resolve(this).qmp());
        try {
            SerialLine.Place place = line.place();
            if (screen.json()) {
                screen.document(Json.document("console")
                        .put("path", place.socket().toString())
                        .put("free", place.free()));
                return ExitStatus.OK;
            }
            if (!place.free()) {
                throw new OperationException(
                        ExitStatus.CONFLICT,
                        "somebody else is attached to the serial line at " + place.socket()
                                + ", which serves one at a time");
            }
            return attach(screen, line, line.connect());
        } catch (IOException e) {
            throw new OperationException(ExitStatus.UNREACHABLE, e.getMessage());
        }
    }

    private ExitStatus attach(Screen screen, SerialLine line, SocketChannel channel) throws IOException {
        screen.note("Attached to " + line.qmp() + "; Ctrl-] detaches.");
        ConsoleSession.End end;
        Site.Keyboard keyboard = site().keyboard();
        try (ConsoleSession session = new ConsoleSession(line, keyboard.keys(), keyboard.display(), PATIENCE);
                Interrupts _ = Interrupts.on(session::close);
                AutoCloseable _ = keyboard.terminal() ? RawTerminal.enter() : () -> {}) {
            end = session.run(channel, () -> screen.note("\rThe VM has moved; attached again.\r"));
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e); // no other closes badly
        }
        return switch (end) {
            case DETACHED -> {
                screen.note("Detached.");
                yield ExitStatus.OK;
            }
            case GONE -> {
                screen.failure("the VM has ended, or its serial line is not there any more");
                yield ExitStatus.UNREACHABLE;
            }
        };
    }
}
