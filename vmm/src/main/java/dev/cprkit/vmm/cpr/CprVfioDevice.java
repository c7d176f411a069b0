package dev.cprkit.vmm.cpr;

import dev.cprkit.vmm.state.VmState;

/** One VFIO device in QEMU's CPR state, read only to be refused (reference/qemu-cpr.md, section 3.1). */
final class CprVfioDevice {
    static final VmState<CprVfioDevice> STATE = VmState.<CprVfioDevice>of("cpr vfio device", 1)
            .u32("namelen", d -> d.name.length, (d, v) -> d.name = new byte[(int) Math.min(v, 4096)])
            .varBuffer("name", d -> d.name.length, d -> d.name, (d, v) -> d.name = v)
            .s32("devid", d -> 0, (d, v) -> {})
            .u32("ioas_id", d -> 0, (d, v) -> {})
            .u32("hwpt_id", d -> 0, (d, v) -> {})
            .build();

    private byte[] name = new byte[0];
}
