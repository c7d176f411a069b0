package dev.cprkit.agent.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.ApiException;
import dev.cprkit.agent.api.Fields;
import dev.cprkit.agent.api.Json;
import dev.cprkit.agent.operation.Caller;
import dev.cprkit.agent.vm.VmName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An update of many VMs at one moment: what is answered, and what is kept on disk.
 *
 * @param vms in the order in which they are begun
 * @param message why no more are begun, or how it ended; empty while it goes on
 * @param ended empty while it goes on
 */
record HostUpdateRecord(
        String id,
        HostUpdateSpec spec,
        Caller caller,
        Instant began,
        List<Part> vms,
        boolean cancelled,
        String message,
        Optional<Instant> ended) {
    HostUpdateRecord {
        vms = List.copyOf(vms);
    }

    /**
     * One VM of it.
     *
     * @param attempt from 1 on: an operation that the agent's own end has backed out is tried again
     * @param status of its end; empty before
     */
    record Part(VmName vm, Progress progress, int attempt, Optional<ExitStatus> status, String message) {
        /** The id of its operation. */
        String operation(String id) {
            return id + "." + vm + (attempt == 1 ? "" : "." + attempt);
        }

        boolean failed() {
            return status.isPresent() && status.get() != ExitStatus.OK;
        }
    }

    /** How far a VM is. */
    enum Progress {
        WAITING("waiting"),
        UNDER_WAY("under-way"),
        ENDED("ended"),
        SKIPPED("skipped");

        private final String progressName;

        Progress(String progressName) {
            this.progressName = progressName;
        }

        static Optional<Progress> of(String name) {
            for (Progress progress : values()) {
                if (progress.progressName.equals(name)) {
                    return Optional.of(progress);
                }
            }
            return Optional.empty();
        }

        String progressName() {
            return progressName;
        }
    }

    /** How it ended, or that it goes on. The worst of its VMs decides. */
    ExitStatus status() {
        if (ended.isEmpty()) {
            return ExitStatus.UNDER_WAY;
        }
        if (vms.stream().anyMatch(part -> part.status().equals(Optional.of(ExitStatus.ATTENTION)))) {
            return ExitStatus.ATTENTION;
        }
        boolean all = vms.stream().allMatch(part -> part.status().equals(Optional.of(ExitStatus.OK)));
        return all ? ExitStatus.OK : ExitStatus.ABORTED;
    }

    ObjectNode json() {
        ObjectNode node = Json.document("host-update")
                .put("id", id)
                .put("status", status().statusName())
                .put("exit-status", status().number());
        node.set("spec", spec.json());
        node.putObject("caller").put("who", caller.who()).put("through", caller.through());
        node.put("began", began.toString());
        ended.ifPresent(at -> node.put("ended", at.toString()));
        node.put("cancelled", cancelled).put("message", message);
        ObjectNode counts = node.putObject("counts");
        for (Progress progress : Progress.values()) {
            counts.put(
                    progress.progressName(),
                    vms.stream().filter(part -> part.progress() == progress).count());
        }
        counts.put("failed", vms.stream().filter(Part::failed).count());
        ArrayNode list = node.putArray("vms");
        for (Part part : vms) {
            ObjectNode one = list.addObject()
                    .put("vm", part.vm().text())
                    .put("progress", part.progress().progressName())
                    .put("operation", part.operation(id))
                    .put("attempt", part.attempt());
            part.status().ifPresent(status -> one.put("status", status.statusName()));
            one.put("message", part.message());
        }
        return node;
    }

    static HostUpdateRecord of(JsonNode document) throws ApiException {
        Fields fields = Fields.of(document).document("host-update");
        Fields caller = fields.object("caller");
        List<Part> parts = new ArrayList<>();
        for (Fields one : fields.objects("vms")) {
            parts.add(new Part(
                    Json.vm(one, "vm"),
                    one.named("progress", Progress::of, "this agent does not know that"),
                    (int) one.number("attempt", 1, Integer.MAX_VALUE),
                    one.optionalNamed("status", ExitStatus::of, "this agent does not know that status"),
                    one.text("message")));
        }
        return new HostUpdateRecord(
                fields.text("id"),
                HostUpdateSpec.read(fields.object("spec")),
                new Caller(caller.text("who"), caller.text("through")),
                fields.instant("began"),
                parts,
                fields.flag("cancelled"),
                fields.text("message"),
                fields.has("ended") ? Optional.of(fields.instant("ended")) : Optional.empty());
    }
}
