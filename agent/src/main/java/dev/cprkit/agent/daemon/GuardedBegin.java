package dev.cprkit.agent.daemon;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.operation.Caller;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationService;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.vm.VmOverviews;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Begins only what the configuration allows: whichever program the operation would start, named or not, is one of those
 * that may be run. A request that was answered already is answered the same again. Any thread may call.
 */
final class GuardedBegin implements Begin {
    private static final int PAST = 100;

    private final OperationService operations;
    private final Begin begin;
    private final Vms vms;
    private final ProgramRules programs;
    private volatile boolean stopping;

    GuardedBegin(OperationService operations, Begin begin, Vms vms, ProgramRules programs) {
        this.operations = operations;
        this.begin = begin;
        this.vms = vms;
        this.programs = programs;
    }

    @Override
    public Operation begin(Optional<String> id, OperationSpec spec, Caller who) throws OperationException {
        Optional<Operation> there = id.isPresent() ? operations.find(id.get()) : Optional.empty();
        if (there.isEmpty()) {
            if (stopping) {
                throw new OperationException(ExitStatus.UNREACHABLE, "the agent stops; nothing was done");
            }
            Optional<Path> program = program(spec);
            if (program.isPresent()) {
                var _ = programs.check(program.get());
            }
        }
        return begin.begin(id, spec, who);
    }

    private Optional<Path> program(OperationSpec spec) throws OperationException {
        if (spec.program().isPresent()) {
            return spec.program();
        }
        try {
            return switch (spec.kind()) {
                case UPDATE -> vms.program(spec.vm());
                case ROLLBACK ->
                    VmOverviews.lastUpdate(operations.history(Optional.of(spec.vm()), PAST))
                            .flatMap(Operation.Outcome::previous)
                            .map(Operation.Program::path);
                case SAVE, RESTORE -> Optional.empty(); // what was saved is started again as it was
            };
        } catch (IOException e) {
            throw new OperationException(ExitStatus.UNREACHABLE, e.getMessage());
        }
    }

    /** Begins nothing new from now on. */
    void stop() {
        stopping = true;
    }
}
