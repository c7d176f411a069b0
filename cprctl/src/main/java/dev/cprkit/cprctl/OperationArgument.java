package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationService;
import dev.cprkit.agent.vm.VmName;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which operation: by its id, or the newest of a VM. */
final class OperationArgument {
    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "OPERATION|VM",
            description = "The operation's id, as cprctl history shows it, or a VM's name for its newest operation.")
    private Optional<String> text = Optional.empty();

    @Option(
            names = "--qmp",
            paramLabel = "PATH",
            description = "The newest operation of a VM that has no name here, by its QMP socket.")
    private Optional<Path> qmp = Optional.empty();

    /** The operation; an error if there is none. */
    Operation find(Verb verb, OperationService service) throws OperationException {
        if (text.isPresent() == qmp.isPresent()) {
            throw verb.wrong(
                    text.isPresent()
                            ? "give an operation or --qmp PATH, not both"
                            : "say which operation: its id, its VM's name, or --qmp PATH");
        }
        if (text.isPresent()) {
            Optional<Operation> byId = service.find(text.get());
            if (byId.isPresent()) {
                return byId.get();
            }
        }
        Optional<VmName> vm = text.isPresent()
                ? VmName.of(text.get())
                : Optional.of(QmpName.of(Target.base(
                        verb.site().directory().resolve(qmp.orElseThrow()).normalize())));
        List<Operation> newest = vm.isPresent() ? service.history(vm, 1) : List.of();
        if (newest.isEmpty()) {
            throw new OperationException(
                    ExitStatus.USAGE,
                    text.map(t -> "there is no operation " + t + ", and no VM of that name has had one")
                                    .orElse("no operation of that VM is known")
                            + "; cprctl history shows those there are");
        }
        return newest.getFirst();
    }

    /** The same, but it must go on. */
    Operation goingOn(Verb verb, OperationService service) throws OperationException {
        Operation operation = find(verb, service);
        if (operation.outcome().isPresent()) {
            throw new OperationException(
                    ExitStatus.CONFLICT,
                    "operation " + operation.id() + " of " + operation.spec().vm() + " has ended already: "
                            + operation.outcome().get().message());
        }
        return operation;
    }
}
