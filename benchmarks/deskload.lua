-- Questions of a file, drawn at random, for wrk: what `benchmarks.desk` asks in its closed loops (benchmarks/deskwrk.py).
-- wrk -s deskload.lua URL -- FILE SEED: the file holds requests as they are sent, each ended by a NUL.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  questions = {}
  other = 0 -- answers that are not 200: what was measured is then not what was meant
  local file = assert(io.open(args[1], "rb"))
  for question in file:read("*a"):gmatch("([^%z]+)%z") do
    table.insert(questions, question)
  end
  file:close()
  math.randomseed(tonumber(args[2]))
end

function request()
  return questions[math.random(#questions)]
end

function response(status)
  if status ~= 200 then
    other = other + 1
  end
end

function done(summary, latency)
  local bad = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  for _, thread in ipairs(threads) do
    bad = bad + thread:get("other")
  end
  io.write(string.format('{"answers": %d, "bad": %d, "us": %d, "bytes": %d, "p50": %d, "p95": %d, "p99": %d}\n',
    summary.requests, bad, summary.duration, summary.bytes,
    latency:percentile(50), latency:percentile(95), latency:percentile(99)))
end
