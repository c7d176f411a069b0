package dev.cprkit.it.conformance;

import dev.cprkit.it.vm.VmProcess;
import java.util.List;
import java.util.Optional;

/** The cases on {@code vmm}. */
class VmmConformanceIT extends ConformanceSuite {
    @Override
    Optional<Subject> find() {
        return Optional.of(new Subject(Subject.Kind.VMM, VmProcess.command(List.of())));
    }

    @Override
    String reason() {
        return "";
    }
}
