package dev.cprkit.it.vm;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A guest that goes from process to process, in whatever mode it is told. Owns the process that it is in, and ends every
 * one that it has left.
 */
final class Journey implements AutoCloseable {
    /** The modes of migration. */
    enum Mode {
        TRANSFER("cpr-transfer"),
        EXEC("cpr-exec"),
        REBOOT("cpr-reboot"),
        NORMAL("normal");

        private final String qapiName;

        Mode(String qapiName) {
            this.qapiName = qapiName;
        }
    }

    /** When the next process is told where the guest comes from. */
    enum Told {
        AT_ITS_START,
        LATER
    }

    /** What a process is started with, its monitor and {@code -incoming} aside. */
    @FunctionalInterface
    interface Machine {
        List<String> options(String process);
    }

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final Machine machine;
    private VmProcess vm;
    private String name = "p0";
    private int processes = 1;

    private Journey(Path folder, Machine machine) {
        this.folder = folder;
        this.machine = machine;
    }

    /** Boots the guest. */
    static Journey begin(Path folder, Machine machine) throws Exception {
        Journey journey = new Journey(folder, machine);
        journey.vm = VmProcess.start(folder, journey.name, machine.options(journey.name));
        return journey;
    }

    /** The process that the guest is in. */
    VmProcess vm() {
        return vm;
    }

    /** That process's name. */
    String name() {
        return name;
    }

    /** Moves the guest, and returns when the next process says that it has it. The process before it has ended then. */
    void move(Mode mode, Told told) throws Exception {
        vm.execute("migrate-set-parameters", "{'mode':'" + mode.qapiName + "'}");
        switch (mode) {
            case TRANSFER -> transfer(told);
            case EXEC -> exec(told);
            case REBOOT -> reboot(told);
            case NORMAL -> normal(told);
        }
        vm.awaitMigration("completed");
    }

    private void transfer(Told told) throws Exception {
        Updates.Main main =
                switch (told) {
                    case AT_ITS_START -> Updates.Main.UNIX;
                    case LATER -> Updates.Main.DEFER;
                };
        String next = nextName();
        VmProcess started = Updates.startNext(folder, next, main, machine.options(next));
        arrive(started, next, () -> {
            vm.execute("migrate", Updates.channels(folder, main));
            if (told == Told.LATER) {
                started.execute("migrate-incoming", "{'uri':'" + unix() + "'}");
            }
        });
    }

    private void normal(Told told) throws Exception {
        String next = nextName();
        VmProcess started = start(next, told, unix());
        arrive(started, next, () -> {
            if (told == Told.LATER) {
                started.execute("migrate-incoming", "{'uri':'" + unix() + "'}");
            }
            Await.until(
                    VmProcess.LIMIT,
                    () -> "a listener; it printed: " + started.output(),
                    () -> VmProcess.isListening(Updates.mainPath(folder)) || !started.isAlive());
            vm.execute("migrate", "{'uri':'" + unix() + "'}");
        });
    }

    private void reboot(Told told) throws Exception {
        vm.execute("migrate", "{'uri':'" + file() + "'}");
        vm.awaitMigration("completed");
        String next = nextName();
        leave();
        vm = start(next, told, file());
        name = next;
        if (told == Told.LATER) {
            vm.execute("migrate-incoming", "{'uri':'" + file() + "'}");
        }
    }

    private void exec(Told told) throws Exception {
        List<String> options = new ArrayList<>(machine.options(name));
        options.addAll(List.of("-incoming", told == Told.LATER ? "defer" : file()));
        options.addAll(List.of("-qmp", "unix:" + vm.qmpPath() + ",server=on,wait=off"));
        vm.execute(
                "migrate-set-parameters",
                "{'cpr-exec-command':" + JSON.writeValueAsString(VmProcess.command(options)) + "}");
        vm.execute("migrate", "{'uri':'" + file() + "'}");
        vm.awaitNextProgram();
        if (told == Told.LATER) {
            vm.execute("migrate-incoming", "{'uri':'" + file() + "'}");
        }
    }

    @FunctionalInterface
    private interface Move {
        void go() throws Exception;
    }

    private void arrive(VmProcess started, String next, Move move) throws Exception {
        try {
            move.go();
            vm.awaitMigration("completed");
            vm.awaitStatus("postmigrate");
        } catch (Throwable e) {
            started.close();
            throw e;
        }
        leave();
        vm = started;
        name = next;
    }

    private void leave() throws Exception {
        try (VmProcess old = vm) {
            old.execute("quit");
            int status = old.awaitExit();
            if (status != 0) {
                throw new AssertionError("the process that the guest has left ended with " + status);
            }
        }
    }

    private VmProcess start(String process, Told told, String uri) throws Exception {
        List<String> options = new ArrayList<>(machine.options(process));
        options.addAll(List.of("-incoming", told == Told.LATER ? "defer" : uri));
        return VmProcess.start(folder, process, options);
    }

    private String nextName() {
        return "p" + processes++;
    }

    private String unix() {
        return "unix:" + Updates.mainPath(folder);
    }

    private String file() {
        return "file:" + folder.resolve("state");
    }

    @Override
    public void close() {
        vm.close();
    }
}
