"""Slack's file upload in three steps: ask for a url, send the bytes there, say where the file belongs.

Source: "Uploading files", "files.getUploadURLExternal method", "files.completeUploadExternal method".
"""

from dataclasses import replace

from local.slack.methods import Json, Method, Request, content
from local.slack.records import Channel, File, Message, Records, SlackError


def get_upload_url(request: Request) -> Json:
    """Step 1. `length` is the file's size in bytes; an empty file cannot be uploaded."""
    name, length = request.arguments.get("filename"), str(request.arguments.get("length") or "0")
    if not length.isdecimal():
        raise SlackError("invalid_arguments")
    if not name or int(length) == 0:
        raise SlackError("missing_argument")
    file = File(id=f"F{len(request.records.files) + 1:010d}", name=str(name), title=str(name))
    request.records.files[file.id] = file
    return {"upload_url": f"{request.base_url}upload/v1/{file.id}", "file_id": file.id}


def receive(records: Records, file_id: str, body: bytes) -> bool:
    """Step 2. False when no such upload is expected."""
    file = records.files.get(file_id)
    if file is None or file.completed:
        return False
    records.files[file_id] = replace(file, content=body)
    return True


def complete_upload(request: Request) -> Json:
    """Step 3, once for each file: share the files as one message in each channel, or keep them private without one."""
    asked = request.structure("files", list, "invalid_arguments")
    if not asked or not all(isinstance(item, dict) for item in asked):
        raise SlackError("invalid_arguments")
    files = [_uploaded(request.records, item) for item in asked]
    channels = [request.records.writable_channel(id_) for id_ in _channel_ids(request)]
    _share(request, channels, files)
    request.records.files.update({file.id: file for file in files})
    return {"files": [{"id": file.id, "title": file.title} for file in files]}


def _uploaded(records: Records, item: Json) -> File:
    file = records.files.get(str(item.get("id")))
    if file is None or file.content is None or file.completed:
        raise SlackError("file_not_found")
    return replace(file, title=str(item.get("title") or file.name), completed=True)


def _channel_ids(request: Request) -> list[str]:
    """`channel_id`, or `channels` with commas between the ids."""
    listed = str(request.arguments.get("channel_id") or request.arguments.get("channels") or "")
    return [id_ for id_ in listed.split(",") if id_]


def _share(request: Request, channels: list[Channel], files: list[File]) -> None:
    said = _comment(request)
    thread_ts = request.arguments.get("thread_ts") or None
    for channel in channels:
        if thread_ts:
            request.records.require_thread(channel.id, thread_ts)
    for channel in channels:
        ts = request.records.new_ts()
        shared = Message(channel=channel.id, ts=ts, thread_ts=thread_ts, files=tuple(files), **said)
        request.records.add(shared)


def _comment(request: Request) -> Json:
    """What stands above the files; blocks are ignored beside an initial_comment."""
    comment = request.arguments.get("initial_comment")
    if comment:
        return {"text": str(comment)}
    if request.arguments.get("blocks"):
        return {"blocks": content(request)["blocks"]}
    return {}


UPLOAD_METHODS: dict[str, Method] = {
    "files.getUploadURLExternal": get_upload_url,
    "files.completeUploadExternal": complete_upload,
}
