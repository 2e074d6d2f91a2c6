Attribute VB_Name = "cpxl"
Option Explicit

' Every button of the ribbon comes here; what it does, cpxl/addin/actions.py says.
Public Sub Pressed(control As IRibbonControl)
    On Error GoTo Failed
    If ActiveWorkbook Is Nothing Then
        Err.Raise vbObjectError, , "Open the master first. If it is in Protected View, click Enable Editing."
    End If
    #If Not Mac Then
        Dim interpreter As String
        interpreter = GetConfig("INTERPRETER_WIN")
        If interpreter <> "" And Not FileExists(interpreter) Then
            Err.Raise vbObjectError, , "Python is not at " & interpreter & " any more."
        End If
    #End If
    If RunPython(PythonCommand(control.ID)) = -1 Then Err.Raise vbObjectError, , "Python stopped on a fault."
    Exit Sub
Failed:
    MsgBox FailureMessage(Err.Description), vbExclamation, "cpxl"
End Sub

' What Python is to run for a control.
Public Function PythonCommand(id As String) As String
    PythonCommand = "from cpxl.addin.actions import press; press('" & id & "')"
End Function

' What the coordinator reads when Python could not be run.
Public Function FailureMessage(cause As String) As String
    FailureMessage = "cpxl could not do this. " & cause & vbCrLf & vbCrLf & _
        "If this comes again, type 'cpxl addin status' at a command prompt and send what it says to whoever " & _
        "looks after cpxl."
End Function
