"""Benchmarks: how fast, how exact, how hot, and against whom, in figures that can be checked.

    model_file   a .tflite file or a released name
    timing/      calls of it in any interpreter -> samples in ms -> percentiles; two models
                 interleaved as a paired ratio; cold start, stages of a frame, minutes of running
    operators/   MAC, parameters and bytes of each operator; what it costs; instructions, counted
    arm_cores    ARM cores and boards -> what a core can start in a cycle
    machine_code/ counted instructions -> a bound and LLVM's estimate of the time on a board
    accuracy     NME through the runtime
    device       the machine that it ran on
    devices/     the same on a Raspberry Pi over ssh or a phone over adb
    report/      all of it in one record -> JSON, HTML, Markdown; two records compared
    studies/     measurements that documents cite: head pose, smoothing, visibility, squares ...

`face520-bench`, whose commands lie in commands/, runs it. A device needs `edge_runtime`'s
dependencies alone; pydantic only where a report is read, jinja2 and matplotlib where a
page is written.
"""
