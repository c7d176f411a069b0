package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.argv.GenerationalPath;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.agent.vm.VmRecord;
import dev.cprkit.agent.vm.VmRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which VM: by the name that it is managed under, or by its QMP socket. */
final class Target {
    @Parameters(index = "0", arity = "0..1", paramLabel = "VM", description = "The VM's name, as cprctl list shows it.")
    private Optional<String> name = Optional.empty();

    @Option(
            names = "--qmp",
            paramLabel = "PATH",
            description = "A VM that has no name here, by its QMP socket: the path in its -qmp or -chardev option.")
    private Optional<Path> qmp = Optional.empty();

    /**
     * A VM that was named.
     *
     * @param name that it is managed under; empty if it is not
     */
    record Vm(Optional<VmName> name, Path qmp) {}

    /** The VM; there need not be one at that socket. */
    Vm resolve(Verb verb) throws OperationException {
        requireOne(verb);
        Site site = verb.site();
        try {
            if (name.isPresent()) {
                VmRecord record = known(name.get(), site.registry());
                return new Vm(Optional.of(record.name()), record.qmp());
            }
            Path path = site.directory().resolve(qmp.orElseThrow()).normalize();
            return new Vm(site.registry().withQmp(path).map(VmRecord::name), path);
        } catch (IOException e) {
            throw new OperationException(ExitStatus.ATTENTION, e.getMessage());
        }
    }

    /** Whether any VM was named. */
    boolean isGiven() {
        return name.isPresent() || qmp.isPresent();
    }

    private void requireOne(Verb verb) {
        if (name.isPresent() == qmp.isPresent()) {
            throw verb.wrong(
                    name.isPresent()
                            ? "give a VM's name or --qmp PATH, not both"
                            : "say which VM: its name, or --qmp PATH");
        }
    }

    /** The name to ask the journal for: that of a VM without one is made from its socket's path, always the same. */
    VmName journalName(Verb verb) throws OperationException {
        requireOne(verb);
        if (name.isPresent()) {
            return VmName.of(name.get())
                    .orElseThrow(() -> badName(name.get())); // one that is forgotten has a history too
        }
        Vm vm = resolve(verb);
        return vm.name().orElseGet(() -> QmpName.of(base(vm.qmp())));
    }

    /** The path that clients know, whatever the generation. */
    static Path base(Path qmp) {
        return Path.of(GenerationalPath.of(qmp.toString()).base());
    }

    /** The managed VM of a name. */
    static VmRecord known(String text, VmRegistry registry) throws OperationException, IOException {
        VmName name = VmName.of(text).orElseThrow(() -> badName(text));
        return registry.find(name)
                .orElseThrow(() -> new OperationException(
                        ExitStatus.UNREACHABLE, "there is no VM named " + text + "; cprctl list shows those that are"));
    }

    static OperationException badName(String text) {
        return new OperationException(ExitStatus.USAGE, "'" + text + "' cannot be a VM's name: " + VmName.rule());
    }
}
