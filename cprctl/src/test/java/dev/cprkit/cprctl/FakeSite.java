package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.check.CheckReport.ModeReport;
import dev.cprkit.agent.check.UpdatePreview;
import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.host.LinuxHost;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.update.PauseHistory;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.agent.vm.VmRecord;
import dev.cprkit.agent.vm.VmRegistry;
import dev.cprkit.proto.qapi.MigMode;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A host in a folder, with operations and checks that do as a test tells them; and a command line to run on it. */
final class FakeSite implements Site, Examiner {
    final FakeOperations operations = new FakeOperations();
    final Map<String, String> environment = new HashMap<>();
    final Path folder;
    boolean agent;
    boolean agentAllowed;
    List<ModeReport> reports = List.of();
    Optional<UpdatePreview> preview = Optional.empty();
    Optional<Path> checkedFor = Optional.empty();
    List<MigMode> planned = List.of();
    boolean terminal;
    Optional<OperationException> unusable = Optional.empty();
    private StringWriter out = new StringWriter();
    private StringWriter err = new StringWriter();

    FakeSite(Path folder) {
        this.folder = folder;
    }

    /** Runs a command line and returns its exit status. */
    int run(String... args) {
        out = new StringWriter();
        err = new StringWriter();
        return Main.run(
                args,
                this,
                new Main.Streams(new PrintWriter(out, true), new PrintWriter(err, true), terminal, terminal));
    }

    String out() {
        return out.toString();
    }

    String err() {
        return err.toString();
    }

    /** Enters a VM that nobody answers for. */
    void add(String name) throws Exception {
        registry()
                .add(new VmRecord(
                        new VmName(name),
                        VmRecord.Origin.ADOPTED,
                        folder.resolve(name + ".qmp"),
                        List.of(),
                        FakeOperations.BEGAN));
    }

    @Override
    public Home home() {
        return new Home(folder.resolve("run"), folder.resolve("state"));
    }

    @Override
    public VmRegistry registry() {
        return new VmRegistry(home());
    }

    @Override
    public ProcessHost processes() {
        return new LinuxHost();
    }

    @Override
    public Examiner examiner() {
        return this;
    }

    @Override
    public List<ModeReport> check(Path qmp, Optional<Path> to) throws OperationException {
        if (reports.isEmpty()) {
            throw new OperationException(ExitStatus.UNREACHABLE, "nobody is at " + qmp);
        }
        checkedFor = to;
        return reports;
    }

    @Override
    public UpdatePreview plan(Path qmp, Optional<Path> to, List<MigMode> modes, PauseHistory history)
            throws OperationException {
        planned = modes;
        return preview.orElseThrow(() -> new OperationException(ExitStatus.UNREACHABLE, "nobody is at " + qmp));
    }

    @Override
    public Clock clock() {
        return Clock.fixed(FakeOperations.BEGAN.plus(Duration.ofHours(3)), ZoneOffset.UTC);
    }

    @Override
    public Map<String, String> environment() {
        return environment;
    }

    @Override
    public Path directory() {
        return folder;
    }

    @Override
    public Keyboard keyboard() {
        return new Keyboard(InputStream.nullInputStream(), OutputStream.nullOutputStream(), false);
    }

    @Override
    public Operations operations(boolean agentAllowed) throws OperationException {
        if (unusable.isPresent()) {
            throw unusable.get();
        }
        this.agentAllowed = agentAllowed;
        return new Operations(operations, agent && agentAllowed, () -> {});
    }
}
