"""Benchmarks: how fast, how exact, how hot, and against whom, in figures that can be checked.

    model_file, engine      a .tflite file, opened in any installed interpreter
    stopwatch, distribution calls of it -> samples in ms -> percentiles
    latency, comparison     one model alone; two models interleaved, as a paired ratio
    cold_start, stages      load time and memory in fresh processes; where a frame's time goes
    sustained, sensors      minutes of running beside clock, temperature and throttling
    accuracy, operators     NME through the runtime; MAC, bytes and lower bounds per operator
    ssh_device, adb_device  the same on a Raspberry Pi or a phone
    report                  all of it in one record -> JSON, HTML, Markdown; regression compares two

A device needs `edge_runtime`'s dependencies alone; pydantic and jinja2 only where a report is read.
"""
