// .NET Framework 4.0 及以上，引用 System.Web.Extensions。轮询：一位办完再办下一位，重启、断线都不漏、不重。
using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Text;
using System.Threading;
using System.Web.Script.Serialization;

public class HisClient
{
    readonly string api, token, folder;
    // 你的业务：返回 result 的内容。同一 tradeNo 再来一次，应返回已办好的那一笔
    readonly Func<Dictionary<string, object>, string, Dictionary<string, object>> register;
    readonly JavaScriptSerializer json = new JavaScriptSerializer { MaxJsonLength = int.MaxValue };

    public HisClient(string api, string token, string folder, Func<Dictionary<string, object>, string, Dictionary<string, object>> register)
    {
        this.api = api; this.token = token; this.folder = folder; this.register = register;
    }

    public void Run()
    {
        for (; ; Thread.Sleep(300))
        {
            // 办到第几条。第一次使用时没有：从现在开始，不补办以前的
            bool known = File.Exists(SeqFile);
            int status;
            var page = Call("GET", known ? "/outcomes?limit=100&after=" + File.ReadAllText(SeqFile) : "/outcomes?newest=1", null, out status);
            if (status == 400 && CodeOf(page) == "SEQ_UNKNOWN") File.Delete(SeqFile);       // 终端的数据换过（重装、换机）
            if (status != 200) { if (status != 400) Thread.Sleep(1000); continue; }         // 终端没有运行或正忙：过一会儿再问
            var outcomes = (object[])page["outcomes"];
            if (!known) Write(SeqFile, outcomes.Length == 0 ? "0" : Convert.ToString(((Dictionary<string, object>)outcomes[0])["seq"]));
            else foreach (Dictionary<string, object> outcome in outcomes)
            {
                if ((string)outcome["status"] == "accepted") Finish(outcome);                // patient 可能没有：先判断再用
                Write(SeqFile, Convert.ToString(outcome["seq"]));
                File.Delete(ResultFile);
            }
        }
    }

    void Finish(Dictionary<string, object> outcome)
    {
        var id = (string)outcome["id"];
        // 先记住办理结果再提交：此时程序退出，下次只重交，不重办
        if (!File.Exists(ResultFile)) Write(ResultFile, json.Serialize(register(outcome, "GH-" + id)));
        for (; ; Thread.Sleep(1000))
        {
            int status;
            var answer = Call("POST", "/outcomes/" + id + "/result", File.ReadAllText(ResultFile), out status);
            if (status == 202) return;
            Console.Error.WriteLine("结果没有交上：" + status + " " + CodeOf(answer));
            // 4xx 再交也一样（410：超过保存时间；409、400：内容不对），请操作员看；429、5xx（507：磁盘满）和断线过一会儿再交
            if (status >= 400 && status < 500 && status != 429) return;
        }
    }

    // status 为 0：没有连上
    Dictionary<string, object> Call(string method, string path, string body, out int status)
    {
        status = 0;
        try
        {
            var request = (HttpWebRequest)WebRequest.Create(api + path);
            request.Method = method;
            request.Proxy = null;
            request.Timeout = 10000;
            request.Headers["Authorization"] = "Bearer " + token;
            if (body != null)
            {
                var bytes = Encoding.UTF8.GetBytes(body);
                request.ContentType = "application/json";
                using (var stream = request.GetRequestStream()) stream.Write(bytes, 0, bytes.Length);
            }
            HttpWebResponse response;
            try { response = (HttpWebResponse)request.GetResponse(); }
            catch (WebException error) { response = error.Response as HttpWebResponse; }
            if (response == null) return null;
            using (response)
            using (var reader = new StreamReader(response.GetResponseStream(), Encoding.UTF8))
            {
                var answer = json.DeserializeObject(reader.ReadToEnd()) as Dictionary<string, object>;
                status = (int)response.StatusCode;
                return answer;
            }
        }
        catch (WebException) { return null; }
        catch (IOException) { return null; }
    }

    static string CodeOf(Dictionary<string, object> answer)
    {
        object error;
        return answer != null && answer.TryGetValue("error", out error) ? Convert.ToString(((Dictionary<string, object>)error)["code"]) : "";
    }

    string SeqFile { get { return Path.Combine(folder, "maqiao-seq.txt"); } }
    string ResultFile { get { return Path.Combine(folder, "maqiao-result.json"); } }

    // 写完整再换名：断电不会留下半个文件
    static void Write(string file, string text)
    {
        File.WriteAllText(file + ".new", text);
        if (File.Exists(file)) File.Replace(file + ".new", file, null); else File.Move(file + ".new", file);
    }
}
