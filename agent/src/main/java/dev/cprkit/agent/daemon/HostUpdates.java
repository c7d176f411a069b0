package dev.cprkit.agent.daemon;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.VmStatus;
import dev.cprkit.agent.daemon.HostUpdateRecord.Part;
import dev.cprkit.agent.daemon.HostUpdateRecord.Progress;
import dev.cprkit.agent.journal.AuditEntry;
import dev.cprkit.agent.operation.Caller;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationService;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.agent.vm.VmOverview;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The updates of many VMs of this host: begun, found, taken up again after a restart. Any thread may call. */
final class HostUpdates {
    private static final Logger LOG = LoggerFactory.getLogger(HostUpdates.class);

    private final HostUpdateFiles files;
    private final OperationService operations;
    private final Begin begin;
    private final Vms vms;
    private final AuditTrail audit;
    private final int most;
    /** The newest last. */
    private final Map<String, HostUpdate> updates = new LinkedHashMap<>();

    private boolean leaving;

    HostUpdates(Path folder, OperationService operations, Begin begin, Vms vms, AuditTrail audit, int most) {
        this.most = most;
        this.files = new HostUpdateFiles(folder);
        this.operations = operations;
        this.begin = begin;
        this.vms = vms;
        this.audit = audit;
    }

    /** Goes on with what the agent before has left. */
    synchronized void takeUp() throws IOException {
        List<String> damaged = new ArrayList<>();
        for (HostUpdateRecord found : files.read(damaged).reversed()) {
            HostUpdate update = new HostUpdate(found, files, operations, begin, most);
            updates.put(found.id(), update);
            if (found.ended().isEmpty()) {
                LOG.info("host update {} goes on", found.id());
            }
            update.start();
        }
        damaged.forEach(LOG::warn);
    }

    /** An update, and whether it was not there before. */
    record Begun(HostUpdate update, boolean fresh) {}

    /** Begins one, or finds the one of that id with the same spec. */
    Begun begin(String id, HostUpdateSpec spec, Caller caller) throws OperationException, IOException {
        // VMs are asked before anything is locked: one that is silent holds up this caller only.
        List<VmName> names = find(id).isPresent() ? List.of() : order(spec);
        return begin(id, spec, names, caller);
    }

    private synchronized Begun begin(String id, HostUpdateSpec spec, List<VmName> names, Caller caller)
            throws OperationException {
        HostUpdate there = updates.get(id);
        if (there != null) {
            if (!there.now().spec().equals(spec)) {
                throw new OperationException(
                        ExitStatus.CONFLICT, "host update " + id + " is another one already: choose another id");
            }
            return new Begun(there, false);
        }
        if (leaving) {
            throw new OperationException(ExitStatus.UNREACHABLE, "the agent stops; nothing was done");
        }
        if (names.isEmpty()) {
            throw new OperationException(ExitStatus.REFUSED, "there is no managed VM on this host");
        }
        List<Part> parts = names.stream()
                .map(vm -> new Part(vm, Progress.WAITING, 1, Optional.empty(), ""))
                .toList();
        HostUpdateRecord first =
                new HostUpdateRecord(id, spec, caller, Instant.now(), parts, false, "", Optional.empty());
        try {
            files.write(first);
        } catch (IOException e) {
            throw new OperationException(
                    ExitStatus.REFUSED,
                    "the update cannot be written to disk: " + e.getMessage() + "; nothing was done");
        }
        audit.write(new AuditEntry(
                Instant.now(),
                caller,
                "update of " + parts.size() + " VMs",
                id,
                spec.program().map(Path::toString).orElse(""),
                "",
                "begun"));
        HostUpdate update = new HostUpdate(first, files, operations, begin, most);
        updates.put(id, update);
        forget();
        update.start();
        return new Begun(update, true);
    }

    /** Of those that have ended, the newest are enough. */
    private void forget() {
        List<String> ended = updates.entrySet().stream()
                .filter(one -> one.getValue().now().ended().isPresent())
                .map(Map.Entry::getKey)
                .toList();
        for (String id : ended.subList(0, Math.max(0, ended.size() - HostUpdateFiles.KEPT))) {
            updates.remove(id);
            files.remove(id);
        }
    }

    private List<VmName> order(HostUpdateSpec spec) throws OperationException, IOException {
        List<VmName> known = vms.names();
        List<VmName> names = new ArrayList<>(spec.vms().isEmpty() ? known : spec.vms());
        for (VmName name : names) {
            if (!known.contains(name)) {
                throw new OperationException(ExitStatus.USAGE, "there is no VM named '" + name + "'; nothing was done");
            }
        }
        switch (spec.order()) {
            case GIVEN -> {}
            case NAME -> names.sort(Comparator.naturalOrder());
            case MEMORY -> {
                Map<VmName, Long> sizes = new LinkedHashMap<>();
                for (VmOverview vm : vms.glances()) {
                    vm.name()
                            .ifPresent(name -> sizes.put(
                                    name, vm.status().map(VmStatus::memoryBytes).orElse(Long.MAX_VALUE)));
                }
                names.sort(Comparator.comparing(name -> sizes.getOrDefault(name, Long.MAX_VALUE)));
            }
        }
        return names;
    }

    synchronized Optional<HostUpdate> find(String id) {
        return Optional.ofNullable(updates.get(id));
    }

    /** The newest first. */
    synchronized List<HostUpdateRecord> list() {
        return new ArrayList<>(updates.values())
                .reversed().stream().map(HostUpdate::now).toList();
    }

    /** Begins no more; what is under way is taken up by the next agent. */
    synchronized void leave() {
        leaving = true;
        updates.values().forEach(HostUpdate::leave);
    }
}
