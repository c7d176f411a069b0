package dev.cprkit.agent.daemon;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.VmStatus;
import dev.cprkit.agent.api.Json;
import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.agent.vm.VmOverview;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** VMs that are all alike. */
final class FakeVms implements Vms {
    final List<VmName> names = new ArrayList<>();
    Optional<Program> program = Optional.of(new Program(List.of("/usr/bin/true"), List.of()));

    FakeVms(String... names) {
        for (String name : names) {
            this.names.add(new VmName(name));
        }
    }

    @Override
    public List<VmName> names() {
        return names;
    }

    @Override
    public List<String> damaged() {
        return List.of("one is damaged");
    }

    @Override
    public List<VmOverview> overviews() {
        return glances();
    }

    @Override
    public List<VmOverview> glances() {
        return names.stream().flatMap(name -> overview(name).stream()).toList();
    }

    @Override
    public Optional<VmOverview> overview(VmName vm) {
        if (!names.contains(vm)) {
            return Optional.empty();
        }
        VmStatus status = new VmStatus(
                "running", "guest", 42, "/usr/bin/true", "11.1.3", Path.of("/run/" + vm), 1, 1 << 20, "none", "normal");
        return Optional.of(new VmOverview(
                Optional.of(vm),
                Path.of("/run/" + vm),
                VmOverview.Presence.ANSWERS,
                "",
                Optional.of(status),
                VmOverview.Freshness.SAME,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
    }

    @Override
    public Optional<Program> program(VmName vm) {
        return program;
    }

    @Override
    public ObjectNode check(VmName vm, Optional<Path> to, ModeChoice mode) {
        return Json.document("check")
                .put("vm", vm.text())
                .put("program", to.toString())
                .put("asked", mode.choiceName());
    }

    @Override
    public ObjectNode plan(VmName vm, Optional<Path> to, ModeChoice mode) {
        return Json.document("plan")
                .put("vm", vm.text())
                .put("program", to.toString())
                .put("asked", mode.choiceName());
    }
}
