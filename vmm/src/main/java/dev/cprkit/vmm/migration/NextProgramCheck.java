package dev.cprkit.vmm.migration;

import dev.cprkit.vmm.cpr.CprException;
import dev.cprkit.vmm.cpr.CprExecState;
import dev.cprkit.vmm.cpr.GuestManifest;
import dev.cprkit.vmm.cpr.ManifestFile;
import dev.cprkit.vmm.migration.channel.MigrationFailure;
import dev.cprkit.vmm.run.Clock;
import dev.cprkit.vmm.run.EventLoop;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Asks the next program of a cpr-exec, while the guest runs, whether it could go on with this guest: once the program of
 * this process is replaced, it is too late to find out. The command is started beside this process with one option more,
 * {@link GuestManifest#OPTION}.
 *
 * <p>A program that does not know the option, a QEMU or an earlier vmm, ends with that as its complaint before it does
 * anything else: it is not asked further, and neither is one that cannot be started, about which the exec itself will say
 * all. Any other end without an answer is a reason not to exec. Owns the process. Main loop's thread.
 */
final class NextProgramCheck implements AutoCloseable {
    private static final int MOST_OUTPUT = 60_000;

    private final EventLoop loop;
    private final String program;
    private final Consumer<String> answer;
    private final Process process;
    private final Clock.Timer limit;
    private boolean closed;

    private NextProgramCheck(MigrationSetup setup, String program, Process process, Consumer<String> answer) {
        this.loop = setup.machine().loop();
        this.program = program;
        this.process = process;
        this.answer = answer;
        long nanos = setup.limits().check();
        limit = loop.hostClock()
                .timer(() -> answer("the next program, " + program
                        + ", was asked whether it can go on with this guest, and has not said so within "
                        + nanos / 1_000_000_000L + " s"));
        limit.arm(loop.hostClock().now() + nanos);
    }

    /**
     * Begins to ask; empty if the program cannot be started.
     *
     * @param next the program and its arguments
     * @param answer is told once, on the loop, why not; an empty text if nothing is known against it. Not called before
     *     this returns, nor after {@link #close}
     * @throws MigrationFailure if the question cannot be put
     */
    static Optional<NextProgramCheck> begin(MigrationSetup setup, List<String> next, Consumer<String> answer)
            throws MigrationFailure {
        List<String> command = new ArrayList<>(next);
        String program = command.getFirst();
        command.add(GuestManifest.OPTION);
        try (ManifestFile manifest = ManifestFile.write(GuestManifest.of(
                setup.machine().allMemory(), setup.content(false).sections()))) {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectInput(Redirect.from(new File("/proc/self/fd/" + manifest.fd())));
            builder.environment().remove(CprExecState.VARIABLE);
            Process process = builder.start();
            NextProgramCheck check = new NextProgramCheck(setup, program, process, answer);
            var ignored = process.onExit().thenRun(() -> check.loop.post(check::ended));
            return Optional.of(check);
        } catch (CprException e) {
            throw new MigrationFailure(e.getMessage());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private void ended() {
        if (closed) {
            return;
        }
        String complaint;
        String said;
        try (InputStream out = process.getInputStream();
                InputStream errors = process.getErrorStream()) {
            said = text(out);
            complaint = text(errors);
        } catch (IOException e) {
            said = "";
            complaint = e.getMessage();
        }
        answer(verdict(program, process.exitValue(), said, complaint));
    }

    /** What its end means: why not to exec, or an empty text. */
    static String verdict(String program, int status, String said, String complaint) {
        for (String line : said.split("\n", -1)) {
            if (line.startsWith(GuestManifest.ANSWER)) {
                String reason = line.substring(GuestManifest.ANSWER.length()).strip();
                return reason.equals(GuestManifest.ACCEPTED)
                        ? ""
                        : "the next program, " + program + ", cannot go on with this guest: " + reason;
            }
        }
        if (status != 0 && complaint.contains(GuestManifest.OPTION + ": invalid option")) {
            return "";
        }
        String all = complaint.isBlank() ? said : complaint;
        String last = all.strip().lines().reduce("", (before, line) -> line);
        return "the next program, " + program
                + ", was asked whether it can go on with this guest, and ended with status " + status
                + (last.isEmpty() ? "" : ": " + last);
    }

    /** What is there now: whoever has inherited the pipe may hold it open. */
    private static String text(InputStream stream) throws IOException {
        return new String(stream.readNBytes(Math.min(stream.available(), MOST_OUTPUT)), StandardCharsets.UTF_8);
    }

    private void answer(String refusal) {
        close();
        answer.accept(refusal);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            limit.cancel();
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
