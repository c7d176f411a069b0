package dev.cprkit.it.vm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.proto.client.QmpClient;
import dev.cprkit.proto.client.QmpEvent;
import dev.cprkit.proto.client.QmpException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * A VM's process of a test: {@code vmm} from the classes under test or another program, with what it prints in a file,
 * its QMP socket in the test's folder, and ended with the test whatever happened. One test thread.
 */
public final class VmProcess implements AutoCloseable {
    public static final Duration LIMIT = Duration.ofSeconds(60);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final Path output;
    private final Path qmpPath;
    private final List<QmpEvent> events = new CopyOnWriteArrayList<>();
    private QmpClient qmp;

    private VmProcess(Process process, Path output, Path qmpPath) {
        this.process = process;
        this.output = output;
        this.qmpPath = qmpPath;
    }

    /** Starts one with a QMP socket {@code NAME.qmp} in the folder, besides the options given. */
    static VmProcess start(Path folder, String name, List<String> options) throws IOException {
        return start(command(List.of()), folder, name, options);
    }

    /** The same of another program, which is a command and its first arguments. */
    public static VmProcess start(List<String> program, Path folder, String name, List<String> options)
            throws IOException {
        Path qmp = folder.resolve(name + ".qmp");
        List<String> all = new ArrayList<>(program);
        all.addAll(options);
        all.addAll(List.of("-qmp", "unix:" + qmp + ",server=on,wait=off"));
        return run(all, folder, name);
    }

    /** Starts one with just these options. */
    static VmProcess startBare(Path folder, String name, List<String> options) throws IOException {
        return run(command(options), folder, name);
    }

    private static VmProcess run(List<String> command, Path folder, String name) throws IOException {
        Path output = folder.resolve(name + ".out");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .start();
        return new VmProcess(process, output, folder.resolve(name + ".qmp"));
    }

    /** The command that runs the classes under test. */
    public static List<String> command(List<String> options) {
        return VmCommand.of(options);
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public Path qmpPath() {
        return qmpPath;
    }

    /** The QMP session, connected at the first call. */
    public QmpClient qmp() throws Exception {
        if (qmp == null) {
            // A program that is being replaced may still accept and never answer: then the next one is tried.
            Await.until(
                    LIMIT,
                    () -> "a QMP session; it printed: " + output(),
                    () -> isListening(qmpPath) && connect() || !isAlive());
            if (qmp == null) {
                throw new AssertionError("it has ended; it printed: " + output());
            }
        }
        return qmp;
    }

    private boolean connect() throws Exception {
        QmpClient client;
        try {
            client = QmpClient.open(qmpPath, LIMIT);
        } catch (QmpException.CannotConnect e) {
            return false;
        }
        client.listen(events::add);
        try {
            client.negotiate(LIMIT);
            qmp = client;
            return true;
        } catch (QmpException.Disconnected e) {
            client.close();
            return false;
        }
    }

    /** Whether somebody listens on that path: a socket file is there a moment before (unix(7), __SO_ACCEPTCON). */
    public static boolean isListening(Path path) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/net/unix"))) {
            String[] fields = line.split(" +", 8);
            if (fields.length == 8 && fields[7].equals(path.toString()) && fields[3].equals("00010000")) {
                return true;
            }
        }
        return false;
    }

    /** Lets the next call of {@link #qmp} connect anew. */
    public void forgetQmp() {
        qmp = null;
    }

    /** Waits for the end of the QMP session, because another program follows in this process; the next call of {@link #qmp} connects to that. */
    public void awaitNextProgram() throws Exception {
        Await.until(LIMIT, () -> "the end of the QMP session; it printed: " + output(), () -> {
            try {
                return execute("query-status") == null;
            } catch (QmpException.Disconnected e) {
                return true;
            }
        });
        qmp.close();
        qmp = null;
    }

    /** Sends a command; {@code arguments} is a JSON object's text, with single quotes for double ones. */
    public JsonNode execute(String command, String arguments) throws Exception {
        return qmp().execute(command, (ObjectNode) JSON.readTree(arguments.replace('\'', '"')), LIMIT);
    }

    public JsonNode execute(String command) throws Exception {
        return qmp().execute(command, LIMIT);
    }

    /** The error text of a command that must be refused. */
    public String refused(String command, String arguments) throws Exception {
        try {
            JsonNode reply = execute(command, arguments);
            throw new AssertionError(command + " was not refused but answered " + reply);
        } catch (QmpException.ErrorReply e) {
            return e.description();
        }
    }

    public String status() throws Exception {
        return execute("query-status").get("status").asText();
    }

    public void awaitStatus(String wanted) throws Exception {
        Await.until(LIMIT, () -> "status " + wanted + "; it printed: " + output(), () -> status().equals(wanted));
    }

    /** The migration status, or "none" before the first. */
    public String migration() throws Exception {
        JsonNode status = execute("query-migrate").get("status");
        return status == null ? "none" : status.asText();
    }

    public void awaitMigration(String wanted) throws Exception {
        Await.until(
                LIMIT,
                () -> "migration " + wanted + "; it printed: " + output(),
                () -> migration().equals(wanted));
    }

    /** The names of the events so far, MIGRATION's with its status. */
    public List<String> events() {
        List<String> names = new ArrayList<>();
        for (QmpEvent event : events) {
            names.add(event.name().equals("MIGRATION") ? "MIGRATION " + event.text("status") : event.name());
        }
        return names;
    }

    /** What it has printed so far, on standard output and standard error. */
    public String output() {
        try {
            return Files.readString(output, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "(unreadable: " + e.getMessage() + ")";
        }
    }

    /** Waits for its end and returns the exit status. */
    public int awaitExit() throws Exception {
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("it does not end; it printed: " + output());
        }
        return process.exitValue();
    }

    /** Ends it at once, as kill -9 does. */
    public void kill() throws Exception {
        process.destroyForcibly();
        awaitExit();
    }

    /** Sends it a signal, as kill does: TERM, INT. */
    public void signal(String name) throws Exception {
        Process kill = new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + pid()).start();
        if (!kill.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS) || kill.exitValue() != 0) {
            throw new AssertionError("no signal " + name + " to " + pid());
        }
    }

    @Override
    public void close() {
        if (qmp != null) {
            qmp.close();
        }
        process.destroyForcibly();
        process.onExit().orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
    }
}
