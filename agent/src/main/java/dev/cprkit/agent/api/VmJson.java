package dev.cprkit.agent.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.VmStatus;
import dev.cprkit.agent.vm.VmOverview;

/** VMs as JSON documents. */
public final class VmJson {
    private VmJson() {}

    /** A VM's document. */
    public static ObjectNode of(VmOverview vm) {
        return put(Json.document("vm"), vm);
    }

    /** A VM, as a part of a document. */
    public static ObjectNode part(VmOverview vm) {
        return put(Json.object(), vm);
    }

    private static ObjectNode put(ObjectNode node, VmOverview vm) {
        vm.name().ifPresent(name -> node.put("vm", name.text()));
        node.put("qmp", vm.qmp().toString()).put("presence", vm.presence().presenceName());
        if (!vm.problem().isEmpty()) {
            node.put("problem", vm.problem());
        }
        vm.status().ifPresent(status -> node.set("vm-status", of(status)));
        node.put("installed", vm.program().freshnessName());
        vm.installedVersion().ifPresent(version -> node.put("installed-version", version));
        if (vm.modes().isPresent()) {
            ArrayNode modes = node.putArray("modes");
            vm.modes().get().forEach(mode -> modes.add(mode.qapiName()));
        }
        vm.lastUpdate().ifPresent(at -> node.put("last-update", at.toString()));
        vm.lastPause().ifPresent(pause -> node.set("last-pause-ms", Json.time(pause, Json.MILLISECONDS)));
        return node;
    }

    /** What a VM says of itself, as a part of a document. */
    public static ObjectNode of(VmStatus status) {
        return Json.object()
                .put("run-state", status.runState())
                .put("name", status.name())
                .put("pid", status.pid())
                .put("program", status.program())
                .put("version", status.version())
                .put("qmp", status.qmp().toString())
                .put("generation", status.generation())
                .put("memory-bytes", status.memoryBytes())
                .put("migration", status.migration())
                .put("mode", status.mode());
    }
}
