package dev.cprkit.it.conformance;

import dev.cprkit.it.vm.VmProcess;
import java.util.List;
import java.util.Optional;

/** The cases on {@code vmm}. */
class VmmConformanceIT extends ConformanceSuite {
    @Override
    Optional<Subject> find() {
        List<String> command = VmProcess.command(List.of());
        command.add(1, "-Dcprkit.rehearsal.ms=0"); // no case looks at how fast the guest is when it arrives
        return Optional.of(new Subject(Subject.Kind.VMM, List.copyOf(command)));
    }

    @Override
    String reason() {
        return "";
    }
}
