package dev.cprkit.vmm.migration;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.vmm.monitor.hmp.HmpCommand;
import dev.cprkit.vmm.monitor.hmp.HmpError;
import dev.cprkit.vmm.monitor.hmp.HmpOutput;
import dev.cprkit.vmm.monitor.hmp.HmpRegistry;
import dev.cprkit.vmm.monitor.hmp.HmpUsageException;
import dev.cprkit.vmm.monitor.qmp.QmpArguments;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import dev.cprkit.vmm.monitor.qmp.QmpRegistry;
import dev.cprkit.vmm.monitor.qmp.QmpSlowCommand;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The commands of the earlier forms of live update, {@code cpr-save}, {@code cpr-load} and {@code cpr-exec}, in QMP and HMP
 * (reference/qemu-cpr.md, section 1.8). Each says once what replaces it: QMP's on standard error, HMP's to its user.
 */
public final class EarlierCommands {
    /** What is said once. */
    private enum Form {
        SAVE("cpr-save is an earlier form: use mode cpr-reboot with x-ignore-shared, and migrate file:PATH"),
        LOAD("cpr-load is an earlier form: use -incoming defer with x-ignore-shared, and migrate-incoming file:PATH"),
        URI("cpr-uri is an earlier form: use a channel of type cpr in migrate's channels");

        private final String text;

        Form(String text) {
            this.text = "warning: " + text;
        }
    }

    private final EarlierUpdate update;
    private final Consumer<String> complaints;
    private final Set<Form> said = EnumSet.noneOf(Form.class);

    private EarlierCommands(Migration migration, Consumer<String> complaints) {
        this.update = new EarlierUpdate(migration);
        this.complaints = complaints;
    }

    /**
     * Adds the commands.
     *
     * @param complaints prints a sentence on standard error
     */
    public static void register(QmpRegistry qmp, HmpRegistry hmp, Migration migration, Consumer<String> complaints) {
        EarlierCommands commands = new EarlierCommands(migration, complaints);
        migration.parameters().listen(parameter -> {
            if (parameter == MigrationParameter.CPR_URI) {
                commands.say(Form.URI, complaints);
            }
        });
        qmp.addSlow("cpr-save", commands::save);
        qmp.addSlow("cpr-load", commands::load);
        qmp.add("cpr-exec", arguments -> {
            throw EarlierUpdate.exec();
        });
        hmp.add(new HmpCommand(
                "cpr-save", "file mode", "save the machine's state to a file (earlier form)", commands::save));
        hmp.add(new HmpCommand(
                "cpr-load", "file [mode]", "load the machine's state from a file (earlier form)", commands::load));
        hmp.add(new HmpCommand("cpr-exec", "command", "replace this program (earlier form)", (out, rest) -> {
            throw new HmpError(EarlierUpdate.exec().getMessage());
        }));
    }

    private void say(Form form, Consumer<String> listener) {
        if (said.add(form)) {
            listener.accept(form.text);
        }
    }

    private void save(QmpArguments arguments, QmpSlowCommand.Reply reply) throws QmpError {
        String file = arguments.string("filename");
        String mode = arguments.string("mode");
        arguments.end();
        say(Form.SAVE, complaints);
        update.save(file, mode, answering(reply));
    }

    private void load(QmpArguments arguments, QmpSlowCommand.Reply reply) throws QmpError {
        String file = arguments.string("filename");
        String mode = arguments.optionalString("mode").orElse("reboot");
        arguments.end();
        say(Form.LOAD, complaints);
        update.load(file, mode, answering(reply));
    }

    private static EarlierUpdate.End answering(QmpSlowCommand.Reply reply) {
        return error -> {
            if (error.isEmpty()) {
                JsonValue nothing = new JsonObject();
                reply.done(nothing);
            } else {
                reply.failed(QmpError.generic(error));
            }
        };
    }

    private void save(HmpOutput out, String rest) throws HmpError, HmpUsageException {
        String[] words = rest.split(" +", -1);
        if (words.length != 2 || words[0].isEmpty()) {
            throw new HmpUsageException("cpr-save: string expected");
        }
        say(Form.SAVE, out::println);
        run(out, end -> update.save(words[0], words[1], end));
    }

    private void load(HmpOutput out, String rest) throws HmpError, HmpUsageException {
        String[] words = rest.split(" +", -1);
        if (words.length > 2 || words[0].isEmpty()) {
            throw new HmpUsageException("cpr-load: string expected");
        }
        say(Form.LOAD, out::println);
        run(out, end -> update.load(words[0], words.length == 2 ? words[1] : "reboot", end));
    }

    /** One of the two, begun for the human monitor. */
    @FunctionalInterface
    private interface Begin {
        void with(EarlierUpdate.End end) throws QmpError;
    }

    /** Keeps the monitor waiting until it is over, where that can be. */
    private static void run(HmpOutput out, Begin begin) throws HmpError {
        Optional<Runnable> suspended = out.suspend();
        try {
            begin.with(error -> {
                if (!error.isEmpty()) {
                    out.println("Error: " + error);
                }
                suspended.ifPresent(Runnable::run);
            });
        } catch (QmpError e) {
            suspended.ifPresent(Runnable::run);
            throw new HmpError(e.getMessage());
        }
    }
}
