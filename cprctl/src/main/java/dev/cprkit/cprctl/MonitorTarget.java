package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.proto.client.QmpClient;
import dev.cprkit.proto.client.QmpException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which VM, where words follow that are for its monitor: the first of them is its name, unless --qmp is given. */
final class MonitorTarget {
    /** For one answer. */
    static final Duration LIMIT = Duration.ofSeconds(30);

    @Option(
            names = "--qmp",
            paramLabel = "PATH",
            description = "A VM that has no name here, by its QMP socket; the VM's name is left out then.")
    private Optional<Path> qmp = Optional.empty();

    /**
     * The words, taken apart.
     *
     * @param vm its QMP socket
     * @param rest for the monitor
     */
    record Words(Path vm, List<String> rest) {}

    Words split(Verb verb, List<String> words) throws OperationException {
        if (qmp.isPresent()) {
            return new Words(verb.site().directory().resolve(qmp.get()), words);
        }
        if (words.isEmpty()) {
            throw verb.wrong("say which VM: its name, or --qmp PATH");
        }
        try {
            return new Words(
                    Target.known(words.getFirst(), verb.site().registry()).qmp(), words.subList(1, words.size()));
        } catch (IOException e) {
            throw new OperationException(ExitStatus.ATTENTION, e.getMessage());
        }
    }

    static QmpClient connect(Path vm) throws QmpException {
        return QmpClient.connect(vm, LIMIT);
    }

    /** A command that the VM refuses leaves everything as it is; anything else means that there is no VM to talk to. */
    static OperationException failure(QmpException e) {
        return switch (e) {
            case QmpException.ErrorReply refused ->
                new OperationException(
                        ExitStatus.REFUSED,
                        "the VM refused " + refused.command() + ": " + refused.description() + " ("
                                + refused.errorClass() + ")");
            case QmpException.TimedOut late -> new OperationException(ExitStatus.UNDER_WAY, late.getMessage());
            default -> new OperationException(ExitStatus.UNREACHABLE, e.getMessage());
        };
    }
}
